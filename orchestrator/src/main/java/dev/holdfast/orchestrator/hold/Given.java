package dev.holdfast.orchestrator.hold;

import dev.holdfast.model.approval.Approval;
import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.approval.Subject;
import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.json.Records;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** An approval, and the signature over it. */
public record Given(Approval approval, String signature) {
  private record Count(long value) {}

  private record Kept(
      String repository,
      Optional<Count> pullRequest,
      CommitId head,
      CommitId base,
      Digest definition,
      Digest policy,
      List<EnvironmentName> environments,
      String approver,
      Instant at,
      Instant expires) {}

  static String text(Approval approval) {
    Subject subject = approval.subject();
    return Records.write(
        Kept.class,
        new Kept(
            subject.repository(),
            subject.pullRequest().map(Count::new),
            subject.head(),
            subject.base(),
            subject.definition(),
            subject.policy(),
            List.copyOf(approval.environments()),
            approval.approver(),
            approval.at(),
            approval.expires()));
  }

  static Approval read(String text) {
    Kept kept = Records.read(Kept.class, text);
    return new Approval(
        new Subject(
            kept.repository(),
            kept.pullRequest().map(Count::value),
            kept.head(),
            kept.base(),
            kept.definition(),
            kept.policy()),
        Set.copyOf(kept.environments()),
        kept.approver(),
        kept.at(),
        kept.expires());
  }
}
