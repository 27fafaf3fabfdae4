package dev.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.agent.link.FakeOrchestrator;
import dev.holdfast.agent.link.OrchestratorClient;
import dev.holdfast.model.wire.agent.AgentApi.Backend;
import dev.holdfast.model.wire.agent.ProbeReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a probe leaves for the agent, and what the agent makes of it. */
class LastProbeTest {
  @TempDir Path data = Path.of("");

  private static ProbeReport report(int held) {
    return new ProbeReport(
        Instant.parse("2026-11-26T10:00:00Z"),
        "0.4.0",
        true,
        List.of(new ProbeReport.OnBackend(Backend.NAMESPACES, held, 0, 0, 3, 0)));
  }

  @Test
  void whatIsLeftIsReadAndNothingElseStaysInTheFolder() throws Exception {
    var last = new LastProbe(data);
    assertThat(last.mark()).isEmpty();
    last.leave(report(130));
    var first = last.mark();
    assertThat(last.read()).isEqualTo(report(130));
    last.leave(report(131));
    assertThat(last.read()).isEqualTo(report(131));
    assertThat(last.mark()).isPresent().isNotEqualTo(first);
    try (var files = Files.list(data)) {
      assertThat(files).containsExactly(data.resolve("probe.json"));
    }
  }

  /** The folder may be somebody else's than whoever probes, who may be root. */
  @Test
  void aLinkThatWaitsInTheFolderIsReplacedAndNeverFollowed() throws Exception {
    Path precious = Files.writeString(data.resolve("precious"), "precious");
    Files.createSymbolicLink(data.resolve("probe.json"), precious);
    var last = new LastProbe(data);
    assertThatThrownBy(last::read).isInstanceOf(IOException.class).hasMessageContaining("no file");
    last.leave(report(1));
    assertThat(precious).hasContent("precious");
    assertThat(last.read()).isEqualTo(report(1));
  }

  @Test
  void whatIsNoReportIsRefusedInWords() throws Exception {
    var last = new LastProbe(data);
    Path file = data.resolve("probe.json");
    Files.writeString(file, "{\"at\": \"2026-11-26T10:00:00Z\"}");
    assertThatThrownBy(last::read).hasMessageContaining("is no report of a probe");
    Files.writeString(file, " ".repeat(1024 * 1024));
    assertThatThrownBy(last::read).hasMessageContaining("is larger than");
    Files.delete(file);
    Files.createDirectory(file);
    assertThatThrownBy(last::read).hasMessageContaining("is no file");
  }

  @Test
  void theServerIsToldOnceOfEachAndAgainAfterARegistration() throws Exception {
    try (var server = new FakeOrchestrator();
        var client = new OrchestratorClient(server.address(), "the-token")) {
      var last = new LastProbe(data);
      var news = new ProbeNews(last, client);
      news.tell("agt_1");
      assertThat(server.probes()).as("there is none to tell of").isEmpty();
      last.leave(report(130));
      server.away = true;
      news.tell("agt_1");
      server.away = false;
      news.tell("agt_1");
      news.tell("agt_1");
      assertThat(server.probes()).as("once, when it is heard").containsExactly(report(130));
      last.leave(report(131));
      news.tell("agt_1");
      assertThat(server.probes()).containsExactly(report(130), report(131));
      news.again();
      news.tell("agt_1");
      assertThat(server.probes()).hasSize(3);
      Files.writeString(data.resolve("probe.json"), "nonsense of another size");
      news.tell("agt_1");
      assertThat(server.probes()).as("what cannot be read is not told of").hasSize(3);
    }
  }
}
