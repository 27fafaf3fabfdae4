package dev.holdfast.agent.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator writes, and what is refused rather than guessed. */
class PolicyFileTest {
  @TempDir Path folder;

  private AgentPolicy read(String text) throws Exception {
    Path file = folder.resolve("agent.yaml");
    Files.writeString(file, text);
    return PolicyFile.read(file);
  }

  @Test
  void aWholeFile_isUnderstood() throws Exception {
    AgentPolicy policy =
        read(
            """
            accept:
              repositories: [app, site]
              images: ["debian:12", "registry.example/team/*"]
              users: ["git:7"]
            network: egress
            egress:
              internal-zones: [corp.example]
              parts:
                - default: public
                - repository: app
                  default: listed
                  rules: ["open repo.example 443"]
            """);
    assertThat(policy.accept().repositories().orElseThrow())
        .containsExactlyInAnyOrder("app", "site");
    assertThat(policy.network()).isEqualTo(AgentPolicy.Network.EGRESS);
    assertThat(policy.egress().orElseThrow().internalZones()).containsExactly("corp.example");
    assertThat(policy.egress().orElseThrow().parts())
        .extracting(AgentPolicy.Part::rules)
        .containsExactly(List.of(), List.of("open repo.example 443"));
  }

  @Test
  void anEmptyFile_isTheStandard() throws Exception {
    assertThat(read("# nothing\n")).isEqualTo(AgentPolicy.standard());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "acept: {}|acept is not understood; known here are accept, egress, network",
        "accept: {repos: [a]}|accept.repos is not understood",
        "accept: {repositories: ['a*']}|accept.repositories has \"a*\", which is no name",
        "accept: {images: ['deb*']}|accept.images has \"deb*\"; a * stands only at the end",
        "accept: {images: ['*/x']}|a * stands only at the end",
        "accept: {users: [octocat]}|accept.users has \"octocat\"; write FORGE:ID",
        "accept: {repositories: app}|accept.repositories is no list",
        "accept: {repositories: [1]}|accept.repositories[0] is \"1\"; write a text",
        "accept:|accept is empty",
        "network: all|network is \"all\"; write none or egress",
        "egress: {parts: [{defualt: public}]}|egress.parts[0].defualt is not understood",
        "- a|is no map",
        "a: 'b|is not YAML",
      })
  void whatIsNotUnderstood_isRefusedWithItsPlace(String text, String said) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(BadPolicy.class)
        .hasMessageStartingWith(folder.toString())
        .hasMessageContaining(said)
        .hasMessageNotContaining("\n");
  }

  @Test
  void anAliasBomb_isRefused() {
    assertThatThrownBy(() -> read("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"))
        .isInstanceOf(BadPolicy.class);
  }

  @Test
  void aFileThatIsNotThere_isRefused() {
    assertThatThrownBy(() -> PolicyFile.read(folder.resolve("none.yaml")))
        .isInstanceOf(BadPolicy.class)
        .hasMessageContaining("cannot be read");
  }
}
