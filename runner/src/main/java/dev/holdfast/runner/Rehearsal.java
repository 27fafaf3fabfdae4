package dev.holdfast.runner;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.When;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.channel.Frame;
import dev.holdfast.model.wire.channel.FrameKind;
import dev.holdfast.model.wire.channel.FromRunner;
import dev.holdfast.model.wire.channel.ToRunner;
import dev.holdfast.runner.channel.AgentChannel;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runs a job of commands, one of code with a compiler and one without, and an evaluation, each over
 * a real socket, to train the ahead-of-time cache on what a runner does. Writes only below the
 * temporary directory.
 */
final class Rehearsal {
  private static final Sources SOURCES =
      new Sources(
          Map.of(
              "Rehearsed.java",
              """
              import static dev.holdfast.sdk.Workflows.*;

              import dev.holdfast.sdk.*;

              class Rehearsed implements WorkflowSource {
                public Workflow define() {
                  var first = job("first").step("print", sh("echo first"));
                  var second =
                      job("second")
                          .needs(first)
                          .runsOn("linux")
                          .env("GREETING", "hello")
                          .timeout("10m")
                          .step("print", sh("echo $GREETING"))
                          .step("code", ctx -> {
                            ctx.sh("echo from a script");
                            ctx.log(ctx.capture("echo caught").output());
                            System.out.println(ctx.commit().shortSha());
                            ctx.output("greeting", ctx.env("GREETING"));
                            ctx.summary("well on " + ctx.event().ref());
                          });
                  return workflow("rehearsed")
                      .on(push().branches("main"), manual().input(text("why").defaultsTo("")))
                      .jobs(first, second);
                }
              }
              """));

  private Rehearsal() {}

  static void play() throws IOException {
    Path directory = Files.createTempDirectory("holdfast-rehearsal");
    try {
      Path workspace = Files.createDirectory(directory.resolve("workspace"));
      var evaluated = evaluate(directory);
      Job first = evaluated.workflows().getFirst().jobs().getFirst();
      Job second = evaluated.workflows().getFirst().jobs().get(1);
      run(directory, order(workspace, first), null);
      run(directory, order(workspace, commands()), null);
      byte[] classes = run(directory, order(workspace, second), null);
      if (classes == null) {
        throw new IllegalStateException("the rehearsal's classes did not come");
      }
      run(directory, order(workspace, second), classes);
      Files.delete(workspace);
    } finally {
      Files.deleteIfExists(directory.resolve("s"));
      Files.delete(directory);
    }
  }

  private static Job commands() {
    var lines =
        new Step.Command(
            "lines",
            "for i in 1 2 3 4 5; do echo line $i; done; echo a=b >$HOLDFAST_OUTPUT",
            Map.of("A", "b"),
            Optional.empty(),
            Optional.of(When.ALWAYS),
            Optional.empty());
    return new Job(
        new Name("commands"),
        List.of(),
        List.of(),
        Optional.empty(),
        Map.of("C", "d"),
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(lines));
  }

  private static ToRunner.RunJob order(Path workspace, Job job) {
    var push =
        new Happening.Push(
            new RefName("main"), new CommitId("1".repeat(40)), Optional.empty(), false);
    return new ToRunner.RunJob(
        new Name("rehearsed"),
        new PlannedJob(job.name().value(), Map.of(), List.of(), job),
        new Event("rehearsal", "rehearsal", Instant.EPOCH, Optional.empty(), push),
        workspace.toString(),
        Map.of("PATH", "/usr/local/bin:/usr/bin:/bin", "CI", "true"),
        job.hasCode() ? Optional.of(SOURCES) : Optional.empty(),
        Map.of("first", Map.of("a", "b")));
  }

  private static FromRunner.Evaluated evaluate(Path directory) throws IOException {
    try (var agent = new Agent(directory)) {
      agent.send(new ToRunner.Evaluate(SOURCES));
      var evaluated = (FromRunner.Evaluated) agent.last();
      if (!evaluated.diagnostics().isEmpty()) {
        throw new IllegalStateException("the rehearsal went wrong: " + evaluated.diagnostics());
      }
      return evaluated;
    }
  }

  private static byte @Nullable [] run(
      Path directory, ToRunner.RunJob order, byte @Nullable [] classes) throws IOException {
    try (var agent = new Agent(directory)) {
      if (classes != null) {
        new Frame(FrameKind.CLASSES, classes).write(agent.out);
      }
      agent.send(order);
      var finished = (FromRunner.JobFinished) agent.last();
      if (!(finished.outcome() instanceof Outcome.Succeeded)) {
        throw new IllegalStateException("the rehearsal went wrong: " + finished.outcome());
      }
      return agent.classes;
    }
  }

  /** The other end of the channel, and a session at this one. */
  private static final class Agent implements AutoCloseable {
    private final Path path;
    private final AgentChannel channel;
    private final Thread session;
    private final java.nio.channels.SocketChannel socket;
    private final DataInputStream in;
    private final DataOutputStream out;
    private byte @Nullable [] classes;

    Agent(Path directory) throws IOException {
      path = directory.resolve("s");
      try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
        server.bind(UnixDomainSocketAddress.of(path));
        channel = AgentChannel.connect(path);
        socket = server.accept();
      }
      in = new DataInputStream(Channels.newInputStream(socket));
      out = new DataOutputStream(Channels.newOutputStream(socket));
      session = new Thread(this::session, "session");
      session.start();
    }

    private void session() {
      try {
        new Session(channel, () -> {}).run();
      } catch (IOException e) {
        System.err.println("holdfast runner: the rehearsal's channel broke: " + e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    void send(ToRunner message) throws IOException {
      new Frame(FrameKind.CONTROL, Records.utf8(ToRunner.class, message)).write(out);
      out.flush();
    }

    FromRunner last() throws IOException {
      while (true) {
        Frame frame = Frame.read(in);
        if (frame.kind() == FrameKind.CLASSES) {
          classes = frame.payload();
        } else if (frame.kind() == FrameKind.CONTROL) {
          FromRunner message = Records.read(FromRunner.class, frame.payload());
          if (message instanceof FromRunner.JobFinished
              || message instanceof FromRunner.Evaluated) {
            return message;
          }
        }
      }
    }

    @Override
    public void close() throws IOException {
      try {
        session.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      channel.close();
      socket.close();
      Files.delete(path);
    }
  }
}
