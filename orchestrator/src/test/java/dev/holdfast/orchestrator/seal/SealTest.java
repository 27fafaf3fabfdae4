package dev.holdfast.orchestrator.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealTest {
  @TempDir Path folder;

  @Test
  void opensAtItsPlaceAndNowhereElse() throws Exception {
    Seal seal = Seal.open(folder.resolve("keys/master.key"));
    String sealed = seal.seal("hunter2", "t/1/c");
    assertThat(seal.open(sealed, "t/1/c")).isEqualTo("hunter2");
    assertThat(Seal.open(folder.resolve("keys/master.key")).open(sealed, "t/1/c"))
        .as("the key is kept")
        .isEqualTo("hunter2");
    assertThat(seal.seal("hunter2", "t/1/c")).as("never twice the same").isNotEqualTo(sealed);
    assertThatThrownBy(() -> seal.open(sealed, "t/2/c")).isInstanceOf(Seal.Broken.class);
    Seal another = Seal.open(folder.resolve("keys/another.key"));
    assertThatThrownBy(() -> another.open(sealed, "t/1/c"))
        .isInstanceOf(Seal.Broken.class)
        .hasMessageContaining("another key");
  }

  @Test
  void everyChangedByteIsFound() throws Exception {
    Seal seal = Seal.open(folder.resolve("master.key"));
    byte[] sealed = Base64.getDecoder().decode(seal.seal("hunter2", "place"));
    for (int i = 0; i < sealed.length; i++) {
      byte[] changed = sealed.clone();
      changed[i] ^= 1;
      String text = Base64.getEncoder().encodeToString(changed);
      assertThatThrownBy(() -> seal.open(text, "place")).isInstanceOf(Seal.Broken.class);
    }
    for (int length = 0; length < sealed.length; length++) {
      String text = Base64.getEncoder().encodeToString(java.util.Arrays.copyOf(sealed, length));
      assertThatThrownBy(() -> seal.open(text, "place")).isInstanceOf(Seal.Broken.class);
    }
    assertThatThrownBy(() -> seal.open("not base64!", "place")).isInstanceOf(Seal.Broken.class);
    assertThat(seal.open(Base64.getEncoder().encodeToString(sealed), "place")).isEqualTo("hunter2");
  }

  @Test
  void aKeyThatOthersCouldReadIsRefusedWithTheMend() throws Exception {
    Path file = folder.resolve("keys/master.key");
    Seal.open(file);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(() -> Seal.open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("chmod 600 " + file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Seal.open(file);
    Path link = folder.resolve("link.key");
    Files.createSymbolicLink(link, file);
    assertThatThrownBy(() -> Seal.open(link))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not a plain file");
    Files.write(file, new byte[31]);
    assertThatThrownBy(() -> Seal.open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("damaged");
  }
}
