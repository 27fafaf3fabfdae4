package dev.holdfast.bench;

import dev.holdfast.bench.figure.Report;
import dev.holdfast.bench.floor.BareContainer;
import dev.holdfast.bench.floor.BareSandbox;
import dev.holdfast.bench.host.Dist;
import dev.holdfast.bench.host.Scratch;
import dev.holdfast.bench.installation.Backend;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Which backends this machine has; why not the others stands in the report. */
final class Backends {
  private Backends() {}

  static List<Backend> of(Dist dist, Scratch scratch, String engine, String image, Report report)
      throws IOException {
    var found = new ArrayList<Backend>();
    String sandbox = sandbox(dist, scratch);
    if (sandbox.isEmpty()) {
      found.add(Backend.NAMESPACES);
    } else {
      report.skipped("the backend namespaces", sandbox);
    }
    String container = new BareContainer(engine, image).hindrance();
    if (container.isEmpty()) {
      found.add(Backend.CONTAINER);
    } else {
      report.skipped("the backend container", container);
    }
    report.fact(
        "backends",
        found.isEmpty() ? "none" : String.join(", ", found.stream().map(Backend::label).toList()));
    return found;
  }

  private static String sandbox(Dist dist, Scratch scratch) throws IOException {
    try {
      new BareSandbox(scratch.folder("try"), dist.runner()).prepare().once();
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    } catch (IOException e) {
      return e.getMessage() + "; holdfast doctor says what is missing";
    }
  }
}
