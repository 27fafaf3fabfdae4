package dev.holdfast.agent.egress;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.random.RandomGenerator;

/** Names of interfaces, which can have 15 characters. */
final class LinkNames {
  /** What the filter speaks of. */
  static final String EVERY = "hfj";

  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz234567";

  private LinkNames() {}

  /** What all names of an agent start with: five letters out of its id, a matter of 25 bits. */
  static String prefix(String agent) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(agent.getBytes(StandardCharsets.UTF_8));
      var name = new StringBuilder(EVERY);
      for (int i = 0; i < 5; i++) {
        name.append(LETTERS.charAt(hash[i] & 31));
      }
      return name.toString();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  static String any(String prefix, RandomGenerator random) {
    var name = new StringBuilder(prefix);
    for (int i = 0; i < 6; i++) {
      name.append(LETTERS.charAt(random.nextInt(32)));
    }
    return name.toString();
  }
}
