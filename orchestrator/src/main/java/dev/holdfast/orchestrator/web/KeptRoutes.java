package dev.holdfast.orchestrator.web;

import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.archive.Caps;
import dev.holdfast.model.wire.agent.KeepApi;
import dev.holdfast.orchestrator.artifact.Kept;
import dev.holdfast.orchestrator.blob.BlobStore;
import dev.holdfast.orchestrator.queue.Leases;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.IOException;

/** What agents ask and send of files that are kept, for attempts that they hold. */
final class KeptRoutes {
  private static final String AT = "/agent/v1/attempts/{attempt}/kept/";

  private final Gate gate;
  private final Leases leases;
  private final Kept kept;

  KeptRoutes(Gate gate, Leases leases, Kept kept) {
    this.gate = gate;
    this.leases = leases;
    this.kept = kept;
  }

  void on(Router router) {
    router.agent(HandlerType.POST, AT + "find", this::find);
    router.agent(HandlerType.POST, AT + "offer", this::offer);
    router.agent(HandlerType.PUT, AT + "uploads/{upload}", this::upload);
    router.agent(HandlerType.POST, AT + "commit", this::commit);
    router.agent(HandlerType.GET, AT + "blobs/{digest}", this::blob);
  }

  /** The attempt, which is the caller's by this fence. */
  private String attempt(Context ctx, long fence) {
    String attempt = ctx.pathParam("attempt");
    leases.mayAppend(gate.agent(ctx), attempt, fence);
    return attempt;
  }

  private void find(Context ctx) {
    KeepApi.Find asked = Http.body(ctx, KeepApi.Find.class);
    Http.answer(ctx, KeepApi.Found.class, kept.find(attempt(ctx, asked.fence()), asked));
  }

  private void offer(Context ctx) {
    KeepApi.Offer asked = Http.body(ctx, KeepApi.Offer.class);
    Http.answer(ctx, KeepApi.Offered.class, kept.offer(attempt(ctx, asked.fence()), asked));
  }

  private void commit(Context ctx) throws IOException {
    KeepApi.Commit asked = Http.body(ctx, KeepApi.Commit.class);
    Http.answer(ctx, KeepApi.Committed.class, kept.commit(attempt(ctx, asked.fence()), asked));
  }

  private void upload(Context ctx) throws IOException {
    String attempt = attempt(ctx, fence(ctx));
    String upload = ctx.pathParam("upload");
    if (!upload.matches("(cache|artifact)-[0-9]{1,2}")) {
      throw new Problem(400, "there is no such upload; name it cache-0 or artifact-0");
    }
    long offset = Http.number(ctx, "offset", 0, Long.MAX_VALUE, -1);
    if (offset < 0) {
      throw new Problem(400, "the upload needs its offset in the query");
    }
    byte[] bytes = Http.bytes(ctx, KeepApi.PIECE);
    try {
      Http.answer(
          ctx,
          KeepApi.Taken.class,
          new KeepApi.Taken(kept.append(attempt, upload, offset, bytes, Caps.standard().packed())));
    } catch (BlobStore.Gap e) {
      throw new Problem(409, "the upload has a gap: " + e.getMessage());
    }
  }

  private void blob(Context ctx) throws IOException {
    String attempt = attempt(ctx, fence(ctx));
    String hex = ctx.pathParam("digest");
    if (!hex.matches("[0-9a-f]{64}")) {
      throw new Problem(400, "a blob is known by 64 hex digits");
    }
    long offset = Http.number(ctx, "offset", 0, Long.MAX_VALUE, 0);
    try (BlobStore.Reading reading =
        kept.read(attempt, new Digest("sha256:" + hex))
            .orElseThrow(() -> new Problem(404, "it is not kept any more"))) {
      if (offset > reading.size()) {
        throw new Problem(400, "it is " + reading.size() + " bytes long");
      }
      ctx.status(200).contentType("application/octet-stream").header("Cache-Control", "no-store");
      ctx.res().setContentLengthLong(reading.size() - offset);
      reading.from(offset).transferTo(ctx.res().getOutputStream());
    }
  }

  private static long fence(Context ctx) {
    long fence = Http.number(ctx, "fence", 0, Long.MAX_VALUE, -1);
    if (fence < 0) {
      throw new Problem(400, "the attempt's fence is missing in the query");
    }
    return fence;
  }
}
