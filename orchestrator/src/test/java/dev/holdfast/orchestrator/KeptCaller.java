package dev.holdfast.orchestrator;

import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.digest.Sha256;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.KeepApi;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/** What an agent asks and sends of files that are kept, honest or not. */
record KeptCaller(Caller agent) {
  private static String at(AgentApi.Lease lease, String what) {
    return "/agent/v1/attempts/" + lease.attempt() + "/kept/" + what;
  }

  static Digest digest(byte[] bytes) {
    return new Digest("sha256:" + HexFormat.of().formatHex(Sha256.of(bytes)));
  }

  Caller.Answer ask(
      AgentApi.Lease lease, long fence, KeepApi.Kind kind, int index, String... hashes)
      throws Exception {
    return agent.call(
        "POST",
        at(lease, "find"),
        Records.utf8(KeepApi.Find.class, new KeepApi.Find(fence, kind, index, List.of(hashes))));
  }

  KeepApi.Found find(AgentApi.Lease lease, KeepApi.Kind kind, int index, String... hashes)
      throws Exception {
    return agent.good(ask(lease, lease.fence(), kind, index, hashes), KeepApi.Found.class);
  }

  /** The bytes of what was found. */
  Caller.Answer bytes(AgentApi.Lease lease, Digest digest) throws Exception {
    return agent.get(at(lease, "blobs/" + digest.value().substring(7)) + "?fence=" + lease.fence());
  }

  /** What the job finds as its cache, as text; what is said where there is none. */
  String restored(AgentApi.Lease lease, int index, String... hashes) throws Exception {
    KeepApi.Found found = find(lease, KeepApi.Kind.CACHE, index, hashes);
    return found.items().isEmpty()
        ? "none: " + found.why()
        : bytes(lease, found.items().getFirst().digest()).text();
  }

  KeepApi.Offered offer(AgentApi.Lease lease, KeepApi.Kind kind, int index, String... hashes)
      throws Exception {
    return agent.good(
        agent.call(
            "POST",
            at(lease, "offer"),
            Records.utf8(
                KeepApi.Offer.class,
                new KeepApi.Offer(lease.fence(), kind, index, List.of(hashes)))),
        KeepApi.Offered.class);
  }

  Caller.Answer piece(AgentApi.Lease lease, long fence, String upload, long offset, byte[] bytes)
      throws Exception {
    return agent.call(
        "PUT", at(lease, "uploads/" + upload) + "?fence=" + fence + "&offset=" + offset, bytes);
  }

  Caller.Answer commit(
      AgentApi.Lease lease,
      long fence,
      KeepApi.Kind kind,
      int index,
      Digest digest,
      long size,
      String... hashes)
      throws Exception {
    return agent.call(
        "POST",
        at(lease, "commit"),
        Records.utf8(
            KeepApi.Commit.class,
            new KeepApi.Commit(fence, kind, index, List.of(hashes), digest, size)));
  }

  /** Keeps {@code text}, as an honest agent does. */
  KeepApi.Committed keep(
      AgentApi.Lease lease, KeepApi.Kind kind, int index, String text, String... hashes)
      throws Exception {
    KeepApi.Offered offered = offer(lease, kind, index, hashes);
    if (!offered.wanted()) {
      return new KeepApi.Committed(false, offered.why());
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    String upload = kind.name().toLowerCase(java.util.Locale.ROOT) + "-" + index;
    Caller.Answer taken = piece(lease, lease.fence(), upload, 0, bytes);
    if (taken.status() != 200) {
      throw new AssertionError(taken);
    }
    return agent.good(
        commit(lease, lease.fence(), kind, index, digest(bytes), bytes.length, hashes),
        KeepApi.Committed.class);
  }
}
