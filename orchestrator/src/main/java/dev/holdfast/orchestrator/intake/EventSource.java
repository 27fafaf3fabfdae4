package dev.holdfast.orchestrator.intake;

import dev.holdfast.orchestrator.repository.Repositories;
import java.io.IOException;

/** Something that finds events and puts them into the inbox: a spool, a poller, a clock. */
@FunctionalInterface
public interface EventSource {
  /** Begins; returns at once. Closing what it answers ends it, and waits for what it is doing. */
  Running start(Repositories repositories, Inbox inbox) throws IOException;

  /** A source at work. */
  interface Running extends AutoCloseable {
    /** Somebody says that there is news of the repository with this id; returns at once. */
    default void look(String repository) {}

    @Override
    void close();
  }
}
