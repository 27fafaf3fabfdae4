package dev.holdfast.cli;

import dev.holdfast.cli.RunView.AttemptView;
import dev.holdfast.cli.RunView.JobView;
import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** Fetches the logs of a run's jobs and gives them to a {@link LogPrinter}. */
final class LogFollower {
  /** Short beside what a person notices, long beside what it costs the server. */
  private static final Duration LOOK = Duration.ofMillis(150);

  /** A server that is restarted is back sooner. */
  private static final int MOST_TRIES = 60;

  private static final Duration RETRY = Duration.ofSeconds(1);

  /** A followed log may be silent for long; the server's own keep-alives come more often. */
  private static final Duration SILENCE = Duration.ofMinutes(10);

  private final Api api;
  private final Terminal terminal;
  private final LogPrinter printer;
  private final Map<String, OutputStream> outs = new HashMap<>();
  private final ConcurrentLinkedQueue<Refusal> failures = new ConcurrentLinkedQueue<>();

  LogFollower(Api api, Terminal terminal, LogPrinter printer) {
    this.api = api;
    this.terminal = terminal;
    this.printer = printer;
  }

  /** Prints what there is now. */
  RunView print(RunView run, List<String> keys, @Nullable Integer attempt)
      throws InterruptedException {
    for (JobView job : run.jobs()) {
      if (!keys.contains(job.key())) {
        continue;
      }
      var chosen =
          attempt == null
              ? job.lastAttempt()
              : job.attempts().stream().filter(a -> a.number() == attempt).findFirst();
      if (attempt != null && chosen.isEmpty()) {
        throw new Refusal(
            ExitCode.NOT_FOUND,
            "job "
                + Plain.of(job.key())
                + " has "
                + job.attempts().size()
                + " attempts, none of number "
                + attempt);
      }
      if (chosen.isPresent()) {
        OutputStream out = printer.job(job.key());
        copy(chosen.get(), 0, out, false);
        close(out);
      }
    }
    return run;
  }

  /** Follows until the run is over; returns it as it ended. */
  RunView follow(RunView run, List<String> keys) throws InterruptedException {
    var threads = new ArrayList<Thread>();
    var begun = new HashMap<String, Thread>();
    RunView now = run;
    while (true) {
      for (JobView job : now.jobs()) {
        if (keys.contains(job.key())) {
          job.lastAttempt().ifPresent(last -> begin(run.id(), job, last, begun, threads));
        }
      }
      if (now.over() || !failures.isEmpty()) {
        break;
      }
      Thread.sleep(LOOK);
      now = patiently(now.id());
    }
    for (Thread thread : threads) {
      thread.join();
    }
    for (OutputStream out : outs.values()) {
      close(out);
    }
    Refusal failure = failures.peek();
    if (failure != null) {
      throw failure;
    }
    return now;
  }

  private void begin(
      String run,
      JobView job,
      AttemptView attempt,
      Map<String, Thread> begun,
      List<Thread> threads) {
    if (begun.containsKey(attempt.id())) {
      return;
    }
    if (attempt.number() > 1 && outs.containsKey(job.key())) {
      terminal.err().println(Plain.of(job.key()) + " is tried again: attempt " + attempt.number());
    }
    Thread earlier = begun.get(job.key());
    OutputStream out = outs.computeIfAbsent(job.key(), printer::job);
    Thread thread =
        Thread.ofVirtual()
            .name("log " + job.key())
            .start(() -> {
              try {
                if (earlier != null) {
                  earlier.join();
                }
                follow(run, attempt, out);
              } catch (Refusal e) {
                failures.add(e);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    begun.put(attempt.id(), thread);
    begun.put(job.key(), thread);
    threads.add(thread);
  }

  /** Copies a log until its attempt is over; a server that stops ends the stream before. */
  private void follow(String run, AttemptView attempt, OutputStream out)
      throws InterruptedException {
    long offset = 0;
    while (true) {
      offset = copy(attempt, offset, out, true);
      boolean over =
          patiently(run).jobs().stream()
              .flatMap(j -> j.attempts().stream())
              .filter(a -> a.id().equals(attempt.id()))
              .allMatch(AttemptView::over);
      if (over) {
        copy(attempt, offset, out, false);
        return;
      }
    }
  }

  /**
   * Copies a log; where the server goes away in the middle, from that byte on when it is back.
   *
   * @return the offset behind the last byte
   */
  private long copy(AttemptView attempt, long from, OutputStream out, boolean following)
      throws InterruptedException {
    long offset = from;
    int tries = 0;
    byte[] buffer = new byte[64 * 1024];
    while (true) {
      String path =
          "/api/v1/attempts/"
              + Api.escape(attempt.id())
              + "/log?offset="
              + offset
              + (following ? "&follow=true" : "");
      try (InputStream in = api.stream(path, SILENCE)) {
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          print(out, buffer, n);
          offset += n;
          tries = 0;
        }
        return offset;
      } catch (IOException e) {
        tries = again(tries, new Refusal(ExitCode.UNREACHABLE, "the log broke off: " + e, e));
      } catch (Refusal e) {
        if (e.code() != ExitCode.UNREACHABLE) {
          throw e;
        }
        tries = again(tries, e);
      }
    }
  }

  private RunView patiently(String id) throws InterruptedException {
    int tries = 0;
    while (true) {
      try {
        return RunView.load(api, id);
      } catch (Refusal e) {
        if (e.code() != ExitCode.UNREACHABLE) {
          throw e;
        }
        tries = again(tries, e);
      }
    }
  }

  private int again(int tries, Refusal e) throws InterruptedException {
    if (tries >= MOST_TRIES) {
      throw e;
    }
    if (tries == 2) {
      terminal.err().println(e.getMessage() + "; trying again …");
    }
    Thread.sleep(RETRY);
    return tries + 1;
  }

  private void print(OutputStream out, byte[] bytes, int count) {
    try {
      out.write(bytes, 0, count);
      out.flush();
    } catch (IOException e) {
      throw new Refusal(ExitCode.INTERNAL, "cannot write the log: " + e.getMessage(), e);
    }
    if (terminal.out().checkError()) {
      throw new Refusal(ExitCode.INTERNAL, "nobody reads the output any more");
    }
  }

  private static void close(OutputStream out) {
    try {
      out.close();
    } catch (IOException e) {
      throw new Refusal(ExitCode.INTERNAL, "cannot write the log: " + e.getMessage(), e);
    }
  }
}
