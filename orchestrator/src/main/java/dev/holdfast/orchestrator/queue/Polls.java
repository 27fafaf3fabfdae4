package dev.holdfast.orchestrator.queue;

import dev.holdfast.orchestrator.fleet.Agent;
import dev.holdfast.orchestrator.run.Demand;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The agents that wait for work. Each job that becomes ready wakes the one poll that has waited
 * longest of those that may take it, at once; a poll that ends without using its wake-up hands it
 * on. An agent has one poll: a newer one ends the older. Thread-safe.
 */
final class Polls {
  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashSet<Poll> waiting = new LinkedHashSet<>();
  private final Map<String, Poll> byAgent = new HashMap<>();
  private boolean closed;

  /** One agent's wait. Its fields are guarded by the lock. */
  final class Poll implements AutoCloseable {
    private final Agent agent;
    private final Condition changed = lock.newCondition();
    private @Nullable String wokenFor;
    private boolean ended;
    private boolean full;

    private Poll(Agent agent) {
      this.agent = agent;
    }

    /** Whether it is still the agent's newest. */
    boolean current() {
      lock.lock();
      try {
        return !ended;
      } finally {
        lock.unlock();
      }
    }

    /**
     * To be called before looking for work: wake-ups from here on are for what comes after.
     *
     * @return false if there is no more to wait for
     */
    boolean look() {
      lock.lock();
      try {
        wokenFor = null;
        return !ended;
      } finally {
        lock.unlock();
      }
    }

    /**
     * Waits for a wake-up.
     *
     * @param isFull whether it may take nothing now, so that it should not be woken for work
     */
    void await(Duration patience, boolean isFull) throws InterruptedException {
      lock.lock();
      try {
        full = isFull;
        if (full) {
          handOn();
        }
        long left = patience.toNanos();
        while (wokenFor == null && !ended && left > 0) {
          left = changed.awaitNanos(left);
        }
        full = false;
      } finally {
        lock.unlock();
      }
    }

    private void handOn() {
      String labels = wokenFor;
      wokenFor = null;
      if (labels != null) {
        ready(labels);
      }
    }

    @Override
    public void close() {
      lock.lock();
      try {
        ended = true;
        waiting.remove(this);
        byAgent.remove(agent.id(), this);
        handOn();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Begins a poll of {@code agent}, and ends its earlier one. */
  Poll open(Agent agent) {
    lock.lock();
    try {
      var poll = new Poll(agent);
      poll.ended = closed;
      Poll earlier = byAgent.put(agent.id(), poll);
      if (earlier != null) {
        earlier.ended = true;
        earlier.changed.signalAll();
      }
      waiting.add(poll);
      return poll;
    } finally {
      lock.unlock();
    }
  }

  /** A job with these labels can be leased. */
  void ready(String labels) {
    lock.lock();
    try {
      Demand wanted = Demand.read(labels);
      for (Poll poll : waiting) {
        if (poll.wokenFor == null && !poll.ended && !poll.full && wanted.isMetBy(poll.agent)) {
          poll.wokenFor = labels;
          poll.changed.signalAll();
          return;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  int size() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  /** Ends all polls, now and to come. */
  void close() {
    lock.lock();
    try {
      closed = true;
      for (Poll poll : waiting) {
        poll.ended = true;
        poll.changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }
}
