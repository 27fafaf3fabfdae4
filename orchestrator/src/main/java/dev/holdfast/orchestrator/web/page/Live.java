package dev.holdfast.orchestrator.web.page;

import dev.holdfast.orchestrator.run.RunWatch;
import dev.holdfast.orchestrator.web.Gate;
import dev.holdfast.orchestrator.web.Problem;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Streams of server-sent events. A stream ends with the session that asked for it. Thread-safe. */
final class Live {
  /** How long a session that is over goes on hearing, at most. */
  static final Duration LOOK = Duration.ofSeconds(5);

  private static final int MOST_STREAMS = 5000;
  private static final byte[] STILL_HERE = ": \n\n".getBytes(StandardCharsets.US_ASCII);

  private final Gate gate;
  private final RunWatch watch;
  private final AtomicInteger streams = new AtomicInteger();
  private volatile boolean closing;

  Live(Gate gate, RunWatch watch) {
    this.gate = gate;
    this.watch = watch;
  }

  /** What a stream goes on with. */
  interface Source {
    /**
     * Waits for something to say, at most for {@link #LOOK}, and says it.
     *
     * @return whether it is over
     */
    boolean next(Sink sink) throws IOException, InterruptedException;
  }

  /** Where a stream's events go. */
  record Sink(OutputStream out) {
    /** One event; {@code data} may have lines. */
    void say(String event, String data) {
      var text = new StringBuilder("event: ").append(event).append('\n');
      data.lines().forEach(line -> text.append("data: ").append(line).append('\n'));
      if (data.isEmpty()) {
        text.append("data:\n");
      }
      write(text.append('\n').toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Finds out whether anybody listens. */
    void nothing() {
      write(STILL_HERE);
    }

    private void write(byte[] bytes) {
      try {
        out.write(bytes);
        out.flush();
      } catch (IOException e) {
        throw new UncheckedIOException("the browser went away", e);
      }
    }
  }

  /**
   * Says {@code changed} whenever a run changes that {@code concerns} the page; the page then asks
   * for itself again.
   *
   * @param run the only one to listen for; null for all
   */
  void changes(
      Context ctx, @org.jspecify.annotations.Nullable String run, Predicate<String> concerns)
      throws IOException, InterruptedException {
    try (RunWatch.Feed feed = watch.feed(run)) {
      stream(
          ctx,
          sink -> {
            RunWatch.Changes changes = feed.take(LOOK);
            if (changes.more() || changes.runs().stream().anyMatch(concerns)) {
              sink.say("changed", "");
            } else {
              sink.nothing();
            }
            return false;
          });
    }
  }

  void stream(Context ctx, Source source) throws IOException, InterruptedException {
    if (streams.incrementAndGet() > MOST_STREAMS) {
      streams.decrementAndGet();
      throw new Problem(503, "too many pages listen at once; reload this one to see what is new");
    }
    try {
      Html.headers(ctx);
      ctx.header("Cache-Control", "no-store")
          .header("X-Accel-Buffering", "no") // proxies that would wait for more
          .contentType("text/event-stream; charset=utf-8");
      var sink = new Sink(ctx.res().getOutputStream());
      sink.nothing();
      while (!closing && gate.stands(ctx)) {
        if (source.next(sink)) {
          sink.say("over", "");
          return;
        }
      }
    } finally {
      streams.decrementAndGet();
    }
  }

  /** Ends all streams, soon. */
  void close() {
    closing = true;
  }
}
