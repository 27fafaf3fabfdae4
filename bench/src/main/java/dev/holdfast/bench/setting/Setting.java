package dev.holdfast.bench.setting;

import dev.holdfast.bench.figure.Report;
import dev.holdfast.bench.host.Child;
import dev.holdfast.bench.host.Dist;
import dev.holdfast.bench.host.Memory;
import dev.holdfast.bench.host.Scratch;
import dev.holdfast.bench.installation.Backend;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.List;
import java.util.SequencedMap;

/**
 * What every measurement is given.
 *
 * @param quick few samples: shows that it works, and nothing else
 * @param backends those that this machine has
 * @param image that containers are made from
 * @param engine address of the container engine; meaningless without one
 * @param memories what processes took after a load, by what that was; filled as it is seen
 */
public record Setting(
    boolean quick,
    Dist dist,
    Scratch scratch,
    List<Backend> backends,
    String image,
    String engine,
    Report report,
    SequencedMap<String, Memory> memories) {

  /** How many times: {@code usual}, or {@code quick} where that was asked for. */
  public int times(int usual, int quick) {
    return this.quick ? quick : usual;
  }

  /** Notes what {@code process} takes now. */
  public void remember(String what, Child process) throws IOException {
    memories.put(what, Memory.of(process.pid()));
  }

  /** A part of a measurement. */
  public interface Part {
    void measure() throws Exception;
  }

  /**
   * Measures a part; its failure is noted and keeps the other parts from nothing.
   *
   * @throws InterruptedException if the whole measurement is to end
   */
  public void part(String what, Part part) throws InterruptedException {
    try {
      part.measure();
    } catch (InterruptedException | ClosedByInterruptException e) {
      throw new InterruptedException(what + " was interrupted");
    } catch (Exception e) {
      report.failed(what, Report.line(e));
    }
  }

  /** Tells who waits what is done now. */
  public void say(String what) {
    System.err.println("bench: " + what);
  }
}
