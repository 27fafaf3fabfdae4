package dev.holdfast.orchestrator.definition;

import static dev.holdfast.orchestrator.definition.Given.errors;
import static dev.holdfast.orchestrator.definition.Given.workflow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.JobApproval;
import dev.holdfast.model.definition.Step;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class YamlApprovalTest {
  private static final String BEFORE = "on: push\njobs:\n  a:\n    steps: make";

  private static Optional<JobApproval> approval(String line) {
    return workflow(BEFORE, "    " + line).jobs().getFirst().approval();
  }

  private static void refused(String line, String error) {
    assertThat(errors(BEFORE, "    " + line))
        .singleElement()
        .asString()
        .startsWith(".holdfast/ci.yaml:5: jobs.a.approval" + error);
  }

  @Test
  void aReasonANumberOrBoth() {
    assertThat(approval("approval: deploys to production"))
        .contains(new JobApproval(1, Optional.of("deploys to production")));
    assertThat(approval("approval: 2")).contains(new JobApproval(2, Optional.empty()));
    assertThat(approval("approval: {count: 3, reason: deploys}"))
        .contains(new JobApproval(3, Optional.of("deploys")));
    assertThat(approval("approval: {}")).contains(new JobApproval(1, Optional.empty()));
    assertThat(approval("directory: x")).isEmpty();
  }

  @Test
  void aStepCanWaitAsWell() {
    var steps =
        workflow(
                "on: push",
                "jobs:",
                "  a:",
                "    steps:",
                "      - make",
                "      - {run: make deploy, approval: deploys to production}",
                "      - {run: make more, approval: 2}")
            .jobs()
            .getFirst()
            .steps();
    assertThat(steps)
        .extracting(Step::approval)
        .containsExactly(
            Optional.empty(),
            Optional.of(new JobApproval(1, Optional.of("deploys to production"))),
            Optional.of(new JobApproval(2, Optional.empty())));
    assertThat(steps).extracting(Step::asks).containsExactly(false, true, true);
    assertThat(errors("on: push\njobs:\n  a:\n    steps:", "      - {run: make, approval: no}"))
        .singleElement()
        .asString()
        .contains("is no; write what those are told who are asked");
  }

  @Test
  void whatIsWrong_isNamedAtItsLineWithTheMend() {
    refused("approval: false", ": is false; write what those are told who are asked");
    refused("approval: 0", ": 0 approvals cannot be asked for; ask for 1 to 10");
    refused("approval: {count: 11}", ": 11 approvals cannot be asked for");
    refused("approval: {count: many}", ".count: is not a number; write how many, as 2");
    refused("approval: [a]", ": is a list; write a map with");
    refused("approval: {by: ann}", ": has the unknown key \"by\"");
  }
}
