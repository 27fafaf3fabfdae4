package dev.holdfast.orchestrator.definition;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever stands in a repository, reading it ends in a value, and errors are short lines. */
class HostileDefinitionTest {
  private static final int ROUNDS = 6000;
  private static final String YAML =
      """
      name: build
      on:
        push: {branches: [main, "release/**"], tags: 'v*'}
        schedule:
          - cron: 30 4 * * 1
        manual:
          inputs:
            target: {choices: [dev, prod], initial: dev}
      jobs:
        compile:
          steps: [mvn -B package]
        test:
          needs: compile
          runs-on: [linux]
          env: {PORT: 8080, "QUOTED": "a\\u0041\\n"}
          matrix: {jdk: [21, 25]}
          timeout: 10m
          steps:
            - name: unit tests
              run: |
                mvn -B verify
              env: {A: 1}
            - run: >-
                echo
                done
            - ? run
              : x
      """;
  private static final String[] PIECES = {
    "&a ",
    "*a",
    "!!set ",
    "{",
    "}",
    "[",
    "]",
    ": ",
    "- ",
    "? ",
    "|",
    ">",
    "\t",
    "\r",
    "\0",
    "%YAML 9.9\n",
    "---\n",
    "...\n",
    "\"",
    "'",
    "#",
    "\u202e",
    "\uFEFF",
    "\\x",
    "~",
    "null",
    "\n",
    "@",
    "`",
    "9".repeat(99)
  };

  @Test
  void mutatedFilesNeverThrowAndSayOneLine() {
    String lock =
        Given.lock(Map.of("A.java", "x"), Given.json("ci", Given.job("a"), Given.job("b", "a")));
    var random = new Random(20260131);
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      boolean yaml = round % 3 != 0;
      byte[] mutant = mutate((yaml ? YAML : lock).getBytes(StandardCharsets.UTF_8), random);
      var files = new DefinitionFiles(Map.of(yaml ? "ci.yaml" : Given.LOCK, mutant));
      var errors = Given.errors(files);
      refused += errors.isEmpty() ? 0 : 1;
      for (String error : errors) {
        assertThat(error)
            .as("round %d", round)
            .startsWith(".holdfast/")
            .hasSizeLessThan(500)
            .doesNotContainPattern("[\\p{Cntrl}\\p{Cf}]")
            .doesNotContain("Exception", "snakeyaml");
      }
    }
    // That most mutants are refused, and some are not, shows that the mutation is about right.
    assertThat(refused).isBetween(ROUNDS / 3, ROUNDS - 100);
    assertThat(Given.errors(Given.files("ci.yaml", YAML))).isEmpty();
  }

  private static byte[] mutate(byte[] original, Random random) {
    byte[] bytes = original;
    for (int n = 1 + random.nextInt(3); n > 0; n--) {
      int at = random.nextInt(bytes.length + 1);
      int length = Math.min(random.nextInt(12), bytes.length - at);
      byte[] piece =
          switch (random.nextInt(4)) {
            case 0 -> PIECES[random.nextInt(PIECES.length)].getBytes(StandardCharsets.UTF_8);
            case 1 -> new byte[] {(byte) random.nextInt(256)};
            case 2 -> new byte[0];
            default -> {
              int from = random.nextInt(bytes.length);
              yield Arrays.copyOfRange(
                  bytes, from, Math.min(bytes.length, from + random.nextInt(40)));
            }
          };
      boolean insert = random.nextBoolean();
      byte[] next = new byte[bytes.length + piece.length - (insert ? 0 : length)];
      System.arraycopy(bytes, 0, next, 0, at);
      System.arraycopy(piece, 0, next, at, piece.length);
      int rest = at + (insert ? 0 : length);
      System.arraycopy(bytes, rest, next, at + piece.length, bytes.length - rest);
      bytes = next.length == 0 ? original : next;
    }
    return bytes;
  }
}
