package dev.holdfast.orchestrator.web;

import dev.holdfast.git.GitFailed;
import dev.holdfast.git.Upload;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.forge.Forge;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.queue.Leases;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.run.Attempts;
import dev.holdfast.orchestrator.run.Run;
import dev.holdfast.orchestrator.run.Runs;
import dev.holdfast.orchestrator.run.UnknownId;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;

/**
 * The sources of what an agent runs, where only the orchestrator may read them at the forge: the
 * one commit of the attempt, for as long as the agent holds it.
 */
final class SourceRoutes {
  private static final String AT = "/agent/v1/attempts/{attempt}/{fence}/source.git";
  private static final String SERVICE = "git-upload-pack";

  private final Gate gate;
  private final Database database;
  private final Leases leases;
  private final Attempts attempts;
  private final Runs runs;
  private final Repositories repositories;
  private final Forge forge;

  SourceRoutes(
      Gate gate,
      Database database,
      Leases leases,
      Attempts attempts,
      Runs runs,
      Repositories repositories,
      Forge forge) {
    this.gate = gate;
    this.database = database;
    this.leases = leases;
    this.attempts = attempts;
    this.runs = runs;
    this.repositories = repositories;
    this.forge = forge;
  }

  void on(Router router) {
    router.agent(HandlerType.GET, AT + "/info/refs", this::advertise);
    router.agent(HandlerType.POST, AT + "/" + SERVICE, this::serve);
  }

  private void advertise(Context ctx) throws IOException, ForgeUnavailable, GitFailed {
    Upload upload = upload(ctx);
    if (!Http.query(ctx, "service").orElse("").equals(SERVICE)) {
      throw new Problem(403, "sources are read here and not written; fetch with a newer git");
    }
    answers(ctx, "advertisement");
    upload.advertise(ctx.res().getOutputStream());
  }

  private void serve(Context ctx) throws IOException, ForgeUnavailable, GitFailed {
    Upload upload = upload(ctx);
    byte[] request = request(ctx);
    answers(ctx, "result");
    upload.serve(request, ctx.res().getOutputStream());
  }

  private static void answers(Context ctx, String what) {
    ctx.status(200)
        .contentType("application/x-" + SERVICE + "-" + what)
        .header("Cache-Control", "no-store");
  }

  /** What git asks; it compresses long questions. */
  private static byte[] request(Context ctx) {
    byte[] body = Http.bytes(ctx, Http.MOST_BODY);
    if (!"gzip".equals(ctx.header("Content-Encoding"))) {
      return body;
    }
    try (var in = new GZIPInputStream(new ByteArrayInputStream(body))) {
      byte[] plain = in.readNBytes(Http.MOST_BODY + 1);
      if (plain.length > Http.MOST_BODY) {
        throw new Problem(413, "the question is too large; fetch into an empty mirror");
      }
      return plain;
    } catch (IOException e) {
      throw new Problem(400, "the body is not what its Content-Encoding says; send it again");
    }
  }

  private Upload upload(Context ctx) throws ForgeUnavailable {
    String attempt = ctx.pathParam("attempt");
    if (!ctx.pathParam("fence").matches("[0-9]{1,18}")) {
      throw new Problem(400, "the fence of " + attempt + " is a number");
    }
    leases.mayAppend(gate.agent(ctx), attempt, Long.parseLong(ctx.pathParam("fence")));
    Run run = database.read(s -> runs.find(s, attempts.find(s, attempt).run()));
    return forge.upload(
        repositories
            .byId(run.repository())
            .orElseThrow(() -> new UnknownId("there is no repository " + run.repository())),
        new CommitId(run.commit()));
  }
}
