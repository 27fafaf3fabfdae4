package dev.holdfast.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.agent.policy.AgentPolicy;
import dev.holdfast.agent.policy.PolicyFile;
import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.process.ProcessBackend;
import dev.holdfast.model.run.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whole jobs without a wall, for those whom the agent's policy trusts with that. */
class ProcessJobTest {
  private Path data = Path.of("/nowhere");

  @BeforeEach
  void makeData() throws Exception {
    assumeTrue(HostUser.self().isRoot(), "only root's agent can give a job a user of its own");
    data = TestWorkshop.data();
  }

  @AfterEach
  void removeData() throws Exception {
    new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
  }

  private Heard run(AgentPolicy policy, String script) throws Exception {
    var heard = new Heard();
    try (var backend = new ProcessBackend(data, true)) {
      Workshop usual = TestWorkshop.of(data, backend, Jobs.oneFile(), TestWorkshop.built());
      Workshop workshop = TestWorkshop.under(policy, usual);
      var execution = new JobExecution(Jobs.commands(script), workshop, heard);
      execution.run();
      assertThat(execution.leftSomething()).isFalse();
    }
    return heard;
  }

  @Test
  void aJobOfATrustThatIsNotNamed_isRefused() throws Exception {
    Heard heard = run(AgentPolicy.standard(), "echo never");
    assertThat(heard.outcome())
        .isInstanceOfSatisfying(
            Outcome.Refused.class, r -> assertThat(r.reason()).contains("without a wall"));
    assertThat(heard.log()).doesNotContain("never");
  }

  @Test
  void aJobOfATrustThatIsNamed_runsOnTheHost() throws Exception {
    Path file =
        Files.writeString(
            data.resolve("agent.yaml"), "process: allow\naccept:\n  trust: [unknown]\n");
    Heard heard =
        run(
            PolicyFile.read(file),
            "cat README; pwd; [ $(ls -d /proc/[0-9]* | wc -l) -gt 3 ] && echo sees the host; echo x"
                + " >$TMPDIR/y; mount 2>/dev/null | grep -q workspace && echo has a disk");
    assertThat(heard.outcome()).as(heard.log()).isInstanceOf(Outcome.Succeeded.class);
    assertThat(heard.log()).contains("of aaaa").contains("sees the host").contains("has a disk");
  }
}
