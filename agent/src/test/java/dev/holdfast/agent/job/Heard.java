package dev.holdfast.agent.job;

import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A reporter that remembers. Thread-safe. */
public final class Heard implements AttemptReporter {
  private final List<AttemptEvent> events = new ArrayList<>();
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();

  @Override
  public synchronized void event(AttemptEvent event) {
    events.add(event);
  }

  @Override
  public synchronized void log(byte[] bytes) {
    log.writeBytes(bytes);
  }

  public synchronized List<AttemptEvent> events() {
    return List.copyOf(events);
  }

  public synchronized String log() {
    return log.toString(StandardCharsets.UTF_8);
  }

  public synchronized int logLength() {
    return log.size();
  }

  /** How it ended. */
  public synchronized Outcome outcome() {
    return ((AttemptEvent.Finished) events.getLast()).outcome();
  }

  /** The names of the events, in order. */
  public synchronized List<String> kinds() {
    return events.stream().map(e -> e.getClass().getSimpleName()).toList();
  }
}
