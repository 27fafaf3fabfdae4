package dev.holdfast.cli.local;

import dev.holdfast.model.plan.PlannedJob;
import java.io.OutputStream;

/** Hears of jobs as they run; from many threads. */
public interface JobListener {
  /** A job begins: where its log goes. Closed at the job's end. */
  OutputStream log(PlannedJob job);

  /** A line about a job, for people. */
  void say(PlannedJob job, String line);
}
