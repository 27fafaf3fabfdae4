package dev.holdfast.agent.job;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a hunter finds of canaries where there is a wall. */
@Timeout(300)
abstract class CanaryHuntContract extends CanaryHunt {
  /** Where a step's own processes have what it was given. */
  String places() {
    return "(environ|memory) of (sh|dash|perl|bash|busybox)";
  }

  @Test
  void theHunterFindsTheOneThatItsStepWasGiven_andNothingBeforeOrAfter() throws Exception {
    run(
        TestWorkshop.built(),
        step("before", "echo == before\n" + HUNT + "echo == lurker\n" + lurker() + LOOKED_ONCE),
        given("during", "echo == during\n" + HUNT + "sleep 1\n"),
        step("after", "echo == after\n" + HUNT + "echo == lurked\ncat /tmp/lurked\necho == end\n"));

    assertThat(found("== before", "== lurker")).isEmpty();
    Map<Integer, Set<String>> during = found("== during", "== after");
    assertThat(during.keySet()).containsExactly(GIVEN);
    assertThat(during.get(GIVEN))
        .contains("environ of sh", "environ of perl", "memory of sh")
        .allMatch(place -> place.matches(places()));
    assertThat(found("== after", "== lurked")).isEmpty();
    assertThat(found("== lurked", "== end")).isEmpty();
    // What stays on the host: the agent's folder, where it says its own.
    assertThat(filesWithMark()).containsExactly(data.resolve("agent.token"));
  }

  private static final String LOOKED_ONCE =
      "n=0; until grep -q LOOKED /tmp/lurked || [ $n = 600 ]; do n=$((n+1)); sleep 0.1; done\n";

  /** As a poisoned dependency would: left behind by a step, it waits for what later ones hold. */
  private static String lurker() {
    return "(setsid sh -c 'while :; do perl hunt.pl >>/tmp/lurked 2>&1; sleep 0.2; done' >/dev/null"
        + " 2>&1 &)\n";
  }

  @Test
  void positiveControl_whatAStepLeftBehind_readsTheVariablesOfLaterSteps() throws Exception {
    run(
        TestWorkshop.built(),
        step("before", lurker()),
        step(
            "during",
            "P=$(printf '%s%s' k4n 4ry-)10 sh -c 'n=0; until grep -q environ.of.sh /tmp/lurked || [ $n ="
                + " 600 ]; do n=$((n+1)); sleep 0.1; done; :'\n"),
        step("after", "echo == lurked\ncat /tmp/lurked\necho == end\n"));
    assertThat(found("== lurked", "== end").get(10)).contains("environ of sh");
  }

  @Test
  void positiveControl_theHunterFindsWhatIsPlanted_inEveryPlace() throws Exception {
    String m = "$(printf '%s%s' k4n 4ry-)";
    run(
        TestWorkshop.built(),
        step(
            "plant",
            "P="
                + m
                + "10 sleep 60 &\n"
                + "sh -c 'sleep 60; :' x "
                + m
                + "11 &\n"
                + "perl -e '$v = join(\"\", \"k4n\", \"4ry-\", 12); sleep 60' &\n"
                + "echo "
                + m
                + "13 >/tmp/planted\n"
                + "(exec 9<>/tmp/open; echo "
                + m
                + "14 >&9; rm /tmp/open; exec sleep 60) &\n"
                + "perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S,"
                + " sockaddr_un(\"/tmp/s\")); listen(S, 5); while (accept(C, S)) { syswrite(C,"
                + " join(\"\", \"k4n\", \"4ry-\", 15)); close(C) }' &\n"
                + ": >/tmp/"
                + m
                + "16\nsleep 1\n"
                + "echo == planted\n"
                + HUNT
                + "echo == end\n"));

    Map<Integer, Set<String>> all = found("== planted", "== end");
    assertThat(all.keySet()).contains(10, 11, 12, 13, 14, 15, 16);
    assertThat(all.get(10)).contains("environ of sleep");
    assertThat(all.get(11)).contains("cmdline of sh");
    assertThat(all.get(12)).contains("memory of perl");
    assertThat(all.get(13)).contains("file");
    assertThat(all.get(14)).contains("descriptor of sleep");
    assertThat(all.get(15)).contains("socket");
    assertThat(all.get(16)).contains("name of a file");
  }

  @Test
  void positiveControl_whereTheRunnersProgramIsReadable_itsMemoryIsTheStepsToRead()
      throws Exception {
    Path copy = Files.createTempDirectory("hf-readable");
    try {
      var built = TestWorkshop.built();
      assertThat(
              new ProcessBuilder("cp", "-a", built.directory() + "/.", copy.toString())
                  .inheritIO()
                  .start()
                  .waitFor())
          .isZero();
      new ProcessBuilder("chmod", "0755", copy.toString(), copy + "/java/bin/java")
          .start()
          .waitFor();
      run(
          new RunnerDistribution(copy, built.version()),
          given("during", "echo == during\n" + HUNT + "echo == end\n"));
      assertThat(found("== during", "== end").get(GIVEN)).contains("memory of java");
    } finally {
      new ProcessBuilder("rm", "-rf", copy.toString()).start().waitFor();
    }
  }

  /** From outside, as root: the runner has the value while the step runs, and not after. */
  @Test
  void afterTheStep_theRunnersMemoryHoldsNothingOfIt() throws Exception {
    var counts = new LinkedHashMap<String, Integer>();
    var looker =
        new Thread(() -> {
          try {
            count(counts, "during");
            count(counts, "after");
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
    looker.start();
    run(
        TestWorkshop.built(),
        given(
            "during", "touch /workspace/during\nwhile [ ! -e during.seen ]; do sleep 0.1; done\n"),
        step("after", "touch /workspace/after\nwhile [ ! -e after.seen ]; do sleep 0.1; done\n"));
    looker.join();
    assertThat(counts.get("during")).isPositive();
    assertThat(counts.get("after")).isZero();
  }

  private void count(Map<String, Integer> counts, String when) throws IOException {
    String inside = "/root/workspace/" + when;
    while (true) {
      for (Path process : runners()) {
        Path marker = Path.of(process + inside);
        if (Files.exists(marker)) {
          counts.put(when, occurrences(process, canaries.get(GIVEN)));
          Files.createFile(Path.of(marker + ".seen"));
          return;
        }
      }
      Thread.onSpinWait();
    }
  }

  private static List<Path> runners() throws IOException {
    var found = new ArrayList<Path>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : all) {
        try {
          if (Files.readString(process.resolve("cmdline"), ISO_8859_1)
              .startsWith("/opt/holdfast/java/bin/java\0")) {
            found.add(process);
          }
        } catch (IOException e) {
          // It has ended.
        }
      }
    }
    return found;
  }

  private static int occurrences(Path process, String value) throws IOException {
    int found = 0;
    String wanted = new String(value.getBytes(UTF_8), ISO_8859_1);
    try (var memory = new RandomAccessFile(process.resolve("mem").toFile(), "r")) {
      for (String line : Files.readAllLines(process.resolve("maps"), ISO_8859_1)) {
        Matcher range = Pattern.compile("([0-9a-f]+)-([0-9a-f]+) r.*").matcher(line);
        if (!range.matches() || line.contains("[v")) {
          continue;
        }
        long at = Long.parseLong(range.group(1), 16);
        long end = Long.parseLong(range.group(2), 16);
        byte[] piece = new byte[1 << 20];
        while (at < end) {
          int n;
          try {
            memory.seek(at);
            n = memory.read(piece, 0, (int) Math.min(piece.length, end - at));
          } catch (IOException e) {
            // Nothing is behind this part of the range.
            n = 0;
          }
          String text = new String(piece, 0, Math.max(0, n), ISO_8859_1);
          for (int i = text.indexOf(wanted); i >= 0; i = text.indexOf(wanted, i + 1)) {
            found++;
          }
          at += piece.length;
        }
      }
    }
    return found;
  }
}
