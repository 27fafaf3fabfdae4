package dev.holdfast.model.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.Records;
import org.junit.jupiter.api.Test;

class RulesTextTest {
  private static final String WHOLE =
      """
      {"variables": {"URL": "https://example.org"}, "branches": ["main", "release/**", "!release/old"],
       "tags": ["v*"], "triggers": ["push", "manual"], "trust": "trusted",
       "approval": {"count": 2, "own": false, "users": ["ann"], "teams": ["ops"]},
       "timer": "10m", "concurrency": "newest"}
      """;

  private static java.util.List<String> problems(String text) {
    return RulesText.read(JsonText.parse(text)) instanceof RulesText.Read.Bad(var problems)
        ? problems
        : java.util.List.of();
  }

  @Test
  void everythingThatCanBeSaidIsReadAndWritten() {
    if (!(RulesText.read(JsonText.parse(WHOLE)) instanceof RulesText.Read.Good(var rules))) {
      throw new AssertionError(problems(WHOLE));
    }
    assertThat(RulesText.read(Records.encode(EnvironmentRules.class, rules)))
        .isEqualTo(new RulesText.Read.Good(rules));
    assertThat(RulesText.read(JsonText.parse("{}")))
        .isEqualTo(new RulesText.Read.Good(EnvironmentRules.NONE));
  }

  @Test
  void allThatIsWrongIsSaidAtOnce() {
    assertThat(
            problems(
                """
                {"variables": {"HOLDFAST_X": "1", "a b": "2", "GOOD": "3"}, "branches": ["main", "", 3],
                 "triggers": ["push", "comment"], "trust": "mostly", "approval": {"count": 0, "own": true},
                 "timer": "soon", "concurrency": "twice", "wait": "10m"}
                """))
        .hasSize(10)
        .anyMatch(problem -> problem.contains("HOLDFAST_X cannot be set"))
        .anyMatch(problem -> problem.contains("\"a b\" is not the name of an environment variable"))
        .anyMatch(problem -> problem.startsWith("branches") && problem.contains("pattern"))
        .anyMatch(problem -> problem.startsWith("triggers"))
        .anyMatch(problem -> problem.startsWith("trust"))
        .anyMatch(problem -> problem.contains("0 approvals cannot be asked for"))
        .anyMatch(problem -> problem.startsWith("timer"))
        .anyMatch(problem -> problem.startsWith("concurrency"))
        .anyMatch(problem -> problem.startsWith("has the unknown field \"wait\""));
  }

  @Test
  void whatIsNoObjectOrFitsNotTogetherIsRefused() {
    assertThat(problems("[]")).containsExactly(problems("3").getFirst());
    assertThat(problems("{\"branches\": [\"!main\"]}"))
        .singleElement()
        .asString()
        .contains("takes back nothing");
  }
}
