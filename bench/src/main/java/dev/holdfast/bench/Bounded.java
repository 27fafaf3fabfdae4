package dev.holdfast.bench;

import dev.holdfast.bench.figure.Report;
import dev.holdfast.bench.setting.Measurement;
import dev.holdfast.bench.setting.Setting;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Makes a measurement that cannot go on for ever, and whose failure is part of the report. */
final class Bounded {
  private static final Duration LIMIT = Duration.ofMinutes(20);
  private static final Duration QUICK_LIMIT = Duration.ofMinutes(3);
  private static final Duration CLEANING = Duration.ofMinutes(1);

  private Bounded() {}

  static void measure(Measurement measurement, Setting setting) {
    Duration limit = setting.quick() ? QUICK_LIMIT : LIMIT;
    var task =
        new FutureTask<>(() -> {
          measurement.measure(setting);
          return true;
        });
    var thread = Thread.ofPlatform().name(measurement.name()).daemon().start(task);
    try {
      var _ = task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      setting
          .report()
          .failed(measurement.name(), Report.line(e.getCause() == null ? e : e.getCause()));
    } catch (TimeoutException e) {
      end(task, thread);
      setting
          .report()
          .failed(measurement.name(), "not done after " + limit.toMinutes() + " minutes");
    } catch (InterruptedException e) {
      end(task, thread);
      Thread.currentThread().interrupt();
    }
  }

  /** An interrupt makes it end what it started; a minute is enough for that. */
  private static void end(FutureTask<Boolean> task, Thread thread) {
    task.cancel(true);
    try {
      thread.join(CLEANING.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
