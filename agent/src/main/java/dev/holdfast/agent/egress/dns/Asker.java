package dev.holdfast.agent.egress.dns;

import dev.holdfast.agent.egress.rule.Decision;
import dev.holdfast.agent.egress.rule.Ip;
import java.util.Collection;

/** A job, for the resolver. Called from several threads. */
public interface Asker {

  /** Whether it may look {@code name} up. */
  Decision mayAsk(String name);

  /** Whether {@code name}, which it may look up, may lead on to {@code target}. */
  Decision mayFollow(String name, String target);

  /** Whether it may be told that {@code name} has {@code address}. */
  Decision mayHear(String name, Ip address);

  /**
   * It is about to be told so: whatever opens these addresses to it must be in place on return.
   *
   * @param seconds how long the answer lives
   * @return whether it can be told
   */
  boolean hears(String name, Collection<Ip> addresses, long seconds);

  /** It has asked, for the record. */
  void asked(String name, Decision decision);
}
