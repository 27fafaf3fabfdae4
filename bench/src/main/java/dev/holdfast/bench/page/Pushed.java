package dev.holdfast.bench.page;

import dev.holdfast.bench.host.Programs;
import dev.holdfast.bench.installation.Server;
import dev.holdfast.bench.installation.SourceRepository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A repository of a server's with one workflow, which each push starts. */
record Pushed(SourceRepository repository) {

  static Pushed to(Server server, String name, String workflow)
      throws IOException, InterruptedException {
    SourceRepository repository =
        SourceRepository.create(server.folder(), name)
            .write(".holdfast/bench.yaml", workflow.getBytes(StandardCharsets.UTF_8));
    server.add(name, repository);
    return new Pushed(repository);
  }

  /** Pushes once more; answers the commit. */
  String again() throws IOException, InterruptedException {
    String commit = repository.commit("Change nothing");
    Programs.must(repository.pushTo("origin"), repository.environment(), repository.work());
    return commit;
  }
}
