package dev.holdfast.model.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.definition.EnvironmentPattern;
import dev.holdfast.model.definition.TimeLimit;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TurnTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final EnvironmentName PRODUCTION = new EnvironmentName("production");

  private static Environment environment(
      Concurrency concurrency, Optional<String> timer, boolean locked) {
    return new Environment(
        PRODUCTION,
        EnvironmentPattern.of(PRODUCTION),
        "repo_1",
        new EnvironmentRules(
            Map.of(),
            List.of(),
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            timer.map(TimeLimit::new),
            Optional.of(concurrency)),
        locked ? Optional.of(new Environment.Lock("ann", "moves", NOW)) : Optional.empty());
  }

  /** As {@code run1:in run2:line}, oldest first. */
  private static List<Turn.Ahead> ahead(String text) {
    var all = new ArrayList<Turn.Ahead>();
    for (String one : text.equals("-") ? new String[0] : text.split(" ")) {
      String[] parts = one.split(":");
      all.add(
          new Turn.Ahead(
              "dep_" + all.size(), parts[0], parts[0] + "/deploy", parts[1].equals("in")));
    }
    return all;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          queue    | open   | -               | goes                                                     | []
          queue    | open   | run1:in         | run1/deploy is in the environment production             | []
          queue    | open   | run1:line       | run1/deploy waits for the environment production         | []
          queue    | open   | run1:in run2:line | run1/deploy is in the environment production, and 1 more before it | []
          queue    | locked | -               | the environment production is locked by ann: moves       | []
          newest   | open   | run1:in run2:line | run1/deploy is in the environment production           | [dep_1]
          newest   | open   | run1:line       | goes                                                     | [dep_0]
          newest   | open   | mine:line       | mine/deploy waits for the environment production         | []
          newest   | locked | run1:line       | the environment production is locked by ann: moves       | [dep_0]
          cancel   | open   | run1:in         | run1/deploy is in the environment production             | [dep_0]
          cancel   | open   | run1:in run2:line | run1/deploy is in the environment production           | [dep_0, dep_1]
          cancel   | open   | mine:in         | mine/deploy is in the environment production             | []
          cancel   | locked | run1:in         | the environment production is locked by ann: moves; run1/deploy is in the environment production | []
          together | open   | run1:in run2:line | goes                                                   | []
          together | locked | -               | the environment production is locked by ann: moves       | []
          """)
  void theTable(String concurrency, String lock, String before, String expected, String ends) {
    var line =
        new Turn.Line(
            PRODUCTION,
            List.of(
                environment(
                    Concurrency.valueOf(concurrency.toUpperCase(java.util.Locale.ROOT)),
                    Optional.empty(),
                    lock.equals("locked"))),
            ahead(before));
    Turn turn = Turn.of("mine", List.of(line), NOW, NOW);
    assertThat(turn.waits().orElse("goes")).isEqualTo(expected);
    assertThat(turn.makeWay().stream().sorted().toList()).hasToString(ends);
    assertThat(turn.queues()).isTrue();
    assertThat(turn.until()).isEmpty();
  }

  @Test
  void theLongestTimerCounts_andWhoWaitsForItStandsInNoLineAndEndsNobody() {
    var line =
        new Turn.Line(
            PRODUCTION,
            List.of(
                environment(Concurrency.CANCEL, Optional.of("10m"), false),
                environment(Concurrency.CANCEL, Optional.of("1h"), false)),
            ahead("run1:in"));
    Turn early = Turn.of("mine", List.of(line), NOW, NOW.plusSeconds(3599));
    assertThat(early.until()).contains(NOW.plusSeconds(3600));
    assertThat(early.waits()).isPresent();
    assertThat(early.queues()).isFalse();
    assertThat(early.makeWay()).isEmpty();
    Turn due = Turn.of("mine", List.of(line), NOW, NOW.plusSeconds(3600));
    assertThat(due.queues()).isTrue();
    assertThat(due.makeWay()).containsExactly("dep_0");
  }

  @Test
  void ofTwoRulesForOneNameTheStricterCounts() {
    var line =
        new Turn.Line(
            PRODUCTION,
            List.of(
                environment(Concurrency.TOGETHER, Optional.empty(), false),
                environment(Concurrency.QUEUE, Optional.empty(), false)),
            ahead("run1:in"));
    assertThat(Turn.of("mine", List.of(line), NOW, NOW).waits()).isPresent();
  }

  @Test
  void allEnvironmentsOrNone() {
    var free =
        new Turn.Line(
            new EnvironmentName("eu"),
            List.of(environment(Concurrency.QUEUE, Optional.empty(), false)),
            List.of());
    var taken =
        new Turn.Line(
            PRODUCTION,
            List.of(environment(Concurrency.QUEUE, Optional.empty(), false)),
            ahead("run1:in"));
    assertThat(Turn.of("mine", List.of(free, taken), NOW, NOW).waits()).isPresent();
    assertThat(Turn.of("mine", List.of(free), NOW, NOW).waits()).as("control").isEmpty();
  }
}
