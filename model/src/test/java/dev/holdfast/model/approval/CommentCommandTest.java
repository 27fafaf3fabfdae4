package dev.holdfast.model.approval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.event.CommitId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommentCommandTest {
  private static final String TWENTY = "0123456789abcdef0123";

  /** {@code %} stands for twenty digits, {@code ~} for a new line, {@code _} for a space. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /holdfast approve %                        | approve
          /holdfast approve %__                      | approve
          /holdfast approve %~Thanks for the tests.  | approve
          /holdfast approve %\\r~Thanks.             | approve
          Looks good.~/holdfast approve %            | none
          ~/holdfast approve %                       | none
          > /holdfast approve %                      | none
          >/holdfast approve %                       | none
          _/holdfast approve %                       | none
          ____/holdfast approve %                    | none
          `/holdfast approve %`                      | none
          ```~/holdfast approve %~```                | none
          - /holdfast approve %                      | none
          <!-- /holdfast approve % -->               | none
          Please do not /holdfast approve %          | none
          /holdfasting approve %                     | none
          /Holdfast approve %                        | none
          /holdfast approve 0123456                  | wrong
          /holdfast approve %4 and go                | wrong
          /holdfast approve                          | wrong
          /holdfast approve main                     | wrong
          /holdfast approve HEAD                     | wrong
          /holdfast  approve %                       | wrong
          /holdfast APPROVE %                        | wrong
          /holdfast approve % %                      | wrong
          /holdfast                                  | wrong
          """)
  void theTable(String body, String expected) {
    String text =
        body.replace("%", TWENTY).replace("~", "\n").replace("_", " ").replace("\\r", "\r");
    String got =
        switch (CommentCommand.of(text)) {
          case CommentCommand.Approve(var commit) -> {
            assertThat(commit).isEqualTo(TWENTY);
            yield "approve";
          }
          case CommentCommand.None() -> "none";
          case CommentCommand.Again(var run) -> throw new AssertionError("nobody writes " + run);
          case CommentCommand.Wrong(var why) -> {
            assertThat(why).doesNotContain("\n");
            yield "wrong";
          }
        };
    assertThat(got).isEqualTo(expected);
  }

  @Test
  void itMeansOnlyTheCommitThatStartsSo() {
    var approve = new CommentCommand.Approve(TWENTY);
    assertThat(approve.means(new CommitId(TWENTY + "a".repeat(20)))).isTrue();
    assertThat(approve.means(new CommitId("a".repeat(20) + TWENTY))).isFalse();
  }
}
