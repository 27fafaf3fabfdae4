package dev.holdfast.agent.job;

import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The compiled classes of one attempt's workflow. A cache that fails costs time, never the job. */
final class JobClasses {
  private static final Logger LOG = LoggerFactory.getLogger(JobClasses.class);

  private final ClassCache cache;
  private final Optional<String> key;

  JobClasses(Lease lease, Workshop workshop) {
    cache = workshop.classes();
    String place =
        workshop.backend().kind() + " " + lease.job().job().image().orElse("the agent's default");
    key =
        lease
            .sources()
            .filter(sources -> lease.job().job().hasCode())
            .map(sources ->
                ClassCache.key(
                    sources,
                    lease.source().repository(),
                    place,
                    workshop.distribution().version()));
  }

  boolean needed() {
    return key.isPresent();
  }

  Optional<byte[]> cached() {
    if (key.isEmpty()) {
      return Optional.empty();
    }
    try {
      return cache.get(key.get());
    } catch (IOException e) {
      LOG.warn("cannot read kept classes, so they are compiled again: {}", e.getMessage());
      return Optional.empty();
    }
  }

  void keep(byte[] zip) {
    try {
      if (key.isPresent()) {
        cache.put(key.get(), zip);
      }
    } catch (IOException e) {
      LOG.warn("cannot keep compiled classes: {}", e.getMessage());
    }
  }
}
