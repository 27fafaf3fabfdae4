package dev.holdfast.orchestrator.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where master keys come from, and what is wrong with where they come from. */
class KeysFileTest {
  @TempDir Path folder;

  @BeforeEach
  void aKey() throws IOException {
    put("one.key", Gcm.newKey(), "rw-------");
  }

  private Path put(String name, byte[] bytes, String rights) throws IOException {
    Path file = folder.resolve(name);
    Files.deleteIfExists(file);
    Files.write(file, bytes);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
    return file;
  }

  private KeysFile.Ring read(String from) throws IOException {
    Path file = folder.resolve("keys.json");
    Files.writeString(file, "{\"master-keys\": [{\"name\": \"k1\", \"from\": " + from + "}]}");
    return KeysFile.read(file, Optional.of(folder));
  }

  private void refused(String from, String why) {
    assertThatThrownBy(() -> read(from)).isInstanceOf(IOException.class).hasMessageContaining(why);
  }

  @Test
  void aFileIsReadOnlyIfNobodyElseMayReadIt() throws Exception {
    String from = "{\"type\": \"file\", \"file\": \"one.key\"}";
    assertThat(read(from).keys()).containsOnlyKeys("k1");
    for (String rights : new String[] {"rw-r-----", "rw----r--", "rw--w----", "rwx------"}) {
      put("one.key", Gcm.newKey(), rights);
      refused(from, "chmod 600 " + folder.resolve("one.key"));
    }
    put("one.key", Gcm.newKey(), "r--------");
    assertThat(read(from).keys()).containsOnlyKeys("k1");
    Files.move(folder.resolve("one.key"), folder.resolve("moved"));
    Files.createSymbolicLink(folder.resolve("one.key"), folder.resolve("moved"));
    refused(from, "is not a plain file");
  }

  @Test
  void aFileThatAnotherUserOwnsIsRefused() throws Exception {
    org.junit.jupiter.api.Assumptions.assumeTrue(
        System.getProperty("user.name").equals("root"), "only root can give a file away");
    Files.setOwner(
        folder.resolve("one.key"),
        folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
    refused("{\"type\": \"file\", \"file\": \"one.key\"}", "chown root");
  }

  @Test
  void aFileAboutKeysThatOthersMayWriteIsRefused() throws Exception {
    String from = "{\"type\": \"file\", \"file\": \"one.key\"}";
    read(from);
    Files.setPosixFilePermissions(
        folder.resolve("keys.json"), PosixFilePermissions.fromString("rw-rw-r--"));
    // Writing it again keeps its rights.
    refused(from, "chmod go-w");
  }

  @Test
  void aCredentialIsReadFromTheFolderThatSystemdNamesAndFromNowhereElse() throws Exception {
    put("holdfast-master", Gcm.newKey(), "r--r-----");
    assertThat(read("{\"type\": \"credential\", \"credential\": \"holdfast-master\"}").keys())
        .containsOnlyKeys("k1");
    refused("{\"type\": \"credential\", \"credential\": \"other\"}", "LoadCredential=other:FILE");
    refused("{\"type\": \"credential\", \"credential\": \"../one.key\"}", "not one that systemd");
    put("holdfast-master", Gcm.newKey(), "r--r--r--");
    refused("{\"type\": \"credential\", \"credential\": \"holdfast-master\"}", "others may read");
    Path file = folder.resolve("keys.json");
    assertThatThrownBy(() -> KeysFile.read(file, Optional.empty()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("systemd handed no credentials over");
  }

  @Test
  void aCommandsKeyIsRead() throws Exception {
    put(
        "one.key",
        "6b".repeat(32).getBytes(java.nio.charset.StandardCharsets.US_ASCII),
        "r--------");
    assertThat(
            read("{\"type\": \"command\", \"command\": [\"/bin/cat\", \""
                    + folder.resolve("one.key")
                    + "\"]}")
                .keys())
        .containsOnlyKeys("k1");
    refused("{\"type\": \"command\", \"command\": [\"/bin/false\"]}", "ended with 1");
    refused("{\"type\": \"command\", \"command\": [\"cat\"]}", "absolute path");
    refused("{\"type\": \"command\", \"command\": [\"/none/there\"]}", "/none/there");
  }

  @Test
  void whatIsWrittenWrongIsNamedWithItsPlace() throws Exception {
    refused("{\"type\": \"safe\"}", "keys.json");
    refused("{\"type\": \"transit\", \"vault\": \"main\", \"key\": \"k\"}", "names the vault main");
    Path file = folder.resolve("keys.json");
    Files.writeString(
        file,
        """
        {"master-keys": [{"name": "k", "from": {"type": "file", "file": "one.key"}},
                         {"name": "k", "from": {"type": "file", "file": "one.key"}}]}
        """);
    assertThatThrownBy(() -> KeysFile.read(file, Optional.empty()))
        .hasMessageContaining("the name k is given twice");
    Files.writeString(
        file,
        """
        {"vaults": [{"name": "main", "address": "http://vault.example.org:8200",
                     "token-file": "one.key"}]}
        """);
    assertThatThrownBy(() -> KeysFile.read(file, Optional.empty()))
        .hasMessageContaining("unencrypted");
  }
}
