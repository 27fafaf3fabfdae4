package dev.holdfast.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.forgedouble.Kind;
import dev.holdfast.model.json.JsonText;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A forge that knows a relay's address and no other: what it tells of runs, on a real agent. */
class RelayedJobsTest {
  @ParameterizedTest
  @EnumSource
  void whatTheForgeTellsTheRelayOfRuns(Kind kind, @TempDir Path folder) throws Exception {
    try (var relay =
            RelayProcess.start(folder.resolve("relay.db").toString(), folder.resolve("relay"));
        var scene = new ForgeScene(folder, kind, false, false, Optional.of(relay.invitation()))) {
      scene.forge.push(scene.app, scene.fresh(), scene.maintainer, Map.of("file", "by relay\n"));
      String run = scene.newest().runs().getFirst();
      assertThat(scene.output(run)).contains("by relay");

      // A stranger's pull request waits, as it would if the forge called Holdfast itself.
      var fork = scene.forge.fork(scene.app, scene.stranger);
      scene.forge.push(fork, "evil", scene.stranger, Map.of("file", "a stranger's\n"));
      scene.forge.open(scene.app, "main", fork, "evil", scene.stranger);
      String held = scene.newest().runs().getFirst();
      assertThat(scene.state(held)).isEqualTo("held");

      // The forge sends the same again: nothing more comes of it.
      int events = scene.events();
      assertThat(scene.forge.send(scene.forge.newest())).isBetween(200, 299);
      scene.control();
      assertThat(scene.events()).as("the control's alone").isEqualTo(events + 1);

      var metrics = new Api(scene.holdfast.api().base(), "none").get("/metrics").text();
      assertThat(metrics)
          .as("nobody called the webhook's own address")
          .doesNotContain("route=\"/hook/{source}\"")
          .contains("holdfast_relay_deliveries_total{became=\"taken\"}");
      assertThat(JsonText.compact(scene.holdfast.api().get("/api/v1/audit?what=relay").json()))
          .contains("relay.enrol")
          .doesNotContain("relay.refuse");
    }
  }
}
