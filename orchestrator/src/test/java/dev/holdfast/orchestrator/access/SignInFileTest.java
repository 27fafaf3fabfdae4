package dev.holdfast.orchestrator.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignInFileTest {
  private static final String GOOD =
      """
      {"here": "https://ci.example.org", "forges": [{"kind": "github",
        "api": "https://api.github.com", "web": "https://github.com",
        "client-id": "id", "client-secret-file": "secret"}]}
      """;

  @TempDir Path folder;
  private Path secret;

  @BeforeEach
  void write() throws IOException {
    secret = folder.resolve("secret");
    Files.writeString(secret, "s3cret\n");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("sign-in.json"), text);
  }

  @Test
  void aForgeIsFoundByItsName() throws IOException {
    var clients = SignInFile.read(file(GOOD));
    assertThat(clients.named("github:api.github.com")).isPresent();
    assertThat(clients.named("github:elsewhere.example")).isEmpty();
  }

  @Test
  void aProviderIsFoundByWhereItIs() throws IOException {
    String good =
        """
        {"here": "https://ci.example.org", "providers": [
          {"issuer": "https://id.example.org/realm", "client-id": "holdfast",
           "client-secret-file": "secret"}]}
        """;
    SignInClient client = SignInFile.read(file(good)).named("oidc:id.example.org").orElseThrow();
    assertThat(client.newUsers()).as("unless it is asked for").isFalse();
    assertThat(client.callback())
        .hasToString("https://ci.example.org/login/oidc:id.example.org/callback");
    Path open = file(good.replace("https://id", "http://id"));
    assertThatThrownBy(() -> SignInFile.read(open)).hasMessageContaining("issuer");
  }

  @Test
  void aSecretThatOthersMayReadIsRefused() throws IOException {
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r-----"));
    Path file = file(GOOD);
    assertThatThrownBy(() -> SignInFile.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("chmod 600");
  }

  @Test
  void whatIsWrongIsNamed() throws IOException {
    Path slash = file(GOOD.replace("ci.example.org", "ci.example.org/"));
    assertThatThrownBy(() -> SignInFile.read(slash)).hasMessageContaining("here");
    Path field = file(GOOD.replace("client-id", "client"));
    assertThatThrownBy(() -> SignInFile.read(field)).hasMessageContaining("client");
    Files.writeString(secret, "two words");
    Path good = file(GOOD);
    assertThatThrownBy(() -> SignInFile.read(good)).hasMessageContaining("one line");
  }
}
