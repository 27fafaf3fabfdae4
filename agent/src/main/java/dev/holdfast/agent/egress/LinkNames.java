package dev.holdfast.agent.egress;

import dev.holdfast.model.digest.Sha256;
import java.util.random.RandomGenerator;

/** Names of interfaces, which can have 15 characters. */
final class LinkNames {
  /** What the filter speaks of. */
  static final String EVERY = "hfj";

  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz234567";

  private LinkNames() {}

  /** What all names of an agent start with: five letters out of its id, a matter of 25 bits. */
  static String prefix(String agent) {
    byte[] hash = Sha256.of(agent);
    var name = new StringBuilder(EVERY);
    for (int i = 0; i < 5; i++) {
      name.append(LETTERS.charAt(hash[i] & 31));
    }
    return name.toString();
  }

  static String any(String prefix, RandomGenerator random) {
    var name = new StringBuilder(prefix);
    for (int i = 0; i < 6; i++) {
      name.append(LETTERS.charAt(random.nextInt(32)));
    }
    return name.toString();
  }
}
