package dev.holdfast.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.forgedouble.Account;
import dev.holdfast.forgedouble.Fault;
import dev.holdfast.forgedouble.Kind;
import dev.holdfast.forgedouble.Pull;
import dev.holdfast.forgedouble.Repo;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The rows of the decision table, end to end: somebody does something at a forge, its signed
 * webhook arrives, and a real agent makes a sandbox, or does not.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrustTableTest {
  private static final Map<String, String> SAME = Map.of("file", "changed\n");
  private static final Map<String, String> WORKFLOWS =
      Map.of("file", "changed\n", ".holdfast/ci.yaml", ForgeScene.CI.formatted("head"));

  @TempDir static Path folder;
  private ForgeScene scene;

  @BeforeAll
  void open() throws Exception {
    scene = new ForgeScene(folder, Kind.GITHUB, false);
  }

  @AfterAll
  void close() throws Exception {
    scene.close();
  }

  private interface Act {
    void in(ForgeScene scene) throws Exception;
  }

  /**
   * A row.
   *
   * @param expected {@code run main} and {@code run head} name whose definition runs; {@code held}
   *     and its causes; {@code nothing}
   */
  record Row(String name, Act act, String expected) {
    @Override
    public String toString() {
      return name + ": " + expected;
    }
  }

  static Stream<Row> rows() {
    return Stream.of(
        new Row("push, trusted, changed", s -> push(s, s.maintainer, WORKFLOWS), "run head"),
        new Row("push, known, same", s -> push(s, s.developer, SAME), "run main"),
        new Row(
            "push, known, changed", s -> push(s, s.developer, WORKFLOWS), "held WORKFLOWS_CHANGED"),
        new Row("push, unknown, same", s -> push(s, s.stranger, SAME), "held UNKNOWN"),
        new Row(
            "push, unknown, changed",
            s -> push(s, s.stranger, WORKFLOWS),
            "held UNKNOWN WORKFLOWS_CHANGED"),
        new Row("tag, trusted, changed", s -> tag(s, s.maintainer, WORKFLOWS), "run head"),
        new Row("tag, known, same", s -> tag(s, s.developer, SAME), "run main"),
        new Row(
            "tag, known, changed", s -> tag(s, s.developer, WORKFLOWS), "held WORKFLOWS_CHANGED"),
        new Row("tag, unknown, same", s -> tag(s, s.stranger, SAME), "held UNKNOWN"),
        new Row("history rewritten, trusted", s -> rewrite(s, s.maintainer), "run main"),
        new Row("history rewritten, known", s -> rewrite(s, s.developer), "held FORCED"),
        new Row(
            "re-created branch, known, same",
            s -> {
              String branch = s.fresh();
              s.forge.push(s.app, branch, s.maintainer, WORKFLOWS);
              s.forge.deleteBranch(s.app, branch, s.developer);
              s.forge.push(s.app, branch, s.developer, SAME);
            },
            "run main"),
        new Row("request, trusted, changed", s -> within(s, s.maintainer, WORKFLOWS), "run head"),
        new Row("request, known, same", s -> within(s, s.developer, SAME), "run main"),
        new Row(
            "request, known, changed",
            s -> within(s, s.developer, WORKFLOWS),
            "held WORKFLOWS_CHANGED"),
        new Row(
            "request, known, pushed to by a stranger",
            s -> {
              String branch = s.fresh();
              s.forge.push(s.app, branch, s.developer, SAME);
              s.forge.open(s.app, "main", s.app, branch, s.developer);
              s.forge.push(s.app, branch, s.stranger, Map.of("other", "x\n"));
            },
            "held UNKNOWN"),
        new Row("fork, unknown", s -> fork(s, s.stranger, SAME), "held FORK UNKNOWN"),
        new Row(
            "fork, unknown, changed",
            s -> fork(s, s.stranger, WORKFLOWS),
            "held FORK UNKNOWN WORKFLOWS_CHANGED"),
        new Row("fork, known", s -> fork(s, s.developer, SAME), "held FORK"),
        new Row("fork, trusted", s -> fork(s, s.maintainer, SAME), "held FORK"),
        new Row(
            "fork, labelled by who is trusted",
            s -> s.forge.label(fork(s, s.stranger, SAME), s.maintainer),
            "held FORK UNKNOWN"),
        new Row(
            "fork, another commit",
            s -> {
              Repo from = forkOf(s, s.stranger);
              s.forge.push(from, "topic", s.stranger, SAME);
              s.forge.open(s.app, "main", from, "topic", s.stranger);
              s.forge.push(from, "topic", s.stranger, Map.of("more", "x\n"));
            },
            "held FORK UNKNOWN"),
        new Row(
            "fork of a fork",
            s -> {
              Repo first = forkOf(s, s.developer);
              Repo second = s.forge.fork(first, s.stranger);
              s.forge.push(second, "deep", s.stranger, SAME);
              s.forge.open(s.app, "main", second, "deep", s.stranger);
            },
            "held FORK UNKNOWN"),
        new Row(
            "fork that was deleted",
            s -> {
              Repo gone = s.forge.fork(s.app, s.stranger);
              s.forge.push(gone, "gone", s.stranger, SAME);
              Pull pull = s.forge.open(s.app, "main", gone, "gone", s.stranger);
              s.forge.close(pull, s.stranger);
              s.forge.delete(gone);
              s.forge.reopen(pull, s.stranger);
            },
            "held FORK UNKNOWN"),
        new Row(
            "fork, closed", s -> s.forge.close(fork(s, s.stranger, SAME), s.stranger), "nothing"),
        new Row(
            "request, onto a base that waits itself",
            s -> {
              String base = s.fresh();
              s.forge.push(s.app, base, s.developer, WORKFLOWS);
              String topic = s.fresh();
              s.forge.push(s.app, topic, s.developer, SAME);
              Pull pull = s.forge.open(s.app, "main", s.app, topic, s.developer);
              s.forge.retarget(pull, base, s.developer);
            },
            "held UNSETTLED WORKFLOWS_CHANGED"),
        new Row("the forge breaks off", s -> failing(s, Fault.HALF), "held UNKNOWN"),
        new Row("the forge fails", s -> failing(s, Fault.BROKEN), "held UNKNOWN"),
        new Row("the forge is silent", s -> failing(s, Fault.SILENT), "held UNKNOWN"),
        new Row("the forge is busy", s -> failing(s, Fault.BUSY), "held UNKNOWN"),
        new Row(
            "the forge answers for another",
            s -> {
              Account asked = someoneKnown(s);
              s.forge.fail("/user/" + asked.id(), Fault.ANOTHER, 1);
              push(s, asked, SAME);
            },
            "held UNKNOWN"),
        new Row("after all that, known, same", s -> push(s, s.developer, SAME), "run main"));
  }

  private static void push(ForgeScene s, Account by, Map<String, String> files) {
    s.forge.push(s.app, s.fresh(), by, files);
  }

  /** Tags what somebody trusted pushed: who tags it counts, not who wrote it. */
  private static void tag(ForgeScene s, Account by, Map<String, String> files) {
    String branch = s.fresh();
    s.forge.push(s.app, branch, s.maintainer, files);
    s.forge.tag(s.app, "v-" + branch, s.app.at(branch), by);
  }

  private static void rewrite(ForgeScene s, Account by) {
    String branch = s.fresh();
    String first = s.forge.push(s.app, branch, s.maintainer, SAME);
    s.forge.push(s.app, branch, s.maintainer, Map.of("second", "x\n"));
    s.forge.forcePush(s.app, branch, by, first, Map.of("file", "rewritten\n"));
  }

  private static void within(ForgeScene s, Account by, Map<String, String> files) {
    String branch = s.fresh();
    s.forge.push(s.app, branch, by, files);
    s.forge.open(s.app, "main", s.app, branch, by);
  }

  private static Repo forkOf(ForgeScene s, Account by) {
    return s.forge.fork(s.app, by);
  }

  private static Pull fork(ForgeScene s, Account by, Map<String, String> files) {
    Repo from = forkOf(s, by);
    s.forge.push(from, "topic", by, files);
    return s.forge.open(s.app, "main", from, "topic", by);
  }

  /** Somebody about whom nothing was asked so far, whom the forge lets write. */
  private static Account someoneKnown(ForgeScene s) {
    Account one = s.forge.account("known-" + s.fresh());
    s.forge.permit(s.app, one, "write");
    return one;
  }

  private static void failing(ForgeScene s, Fault fault) {
    Account one = someoneKnown(s);
    // Often enough that asking again helps nobody.
    s.forge.fail("/collaborators/" + one.login(), fault, 9);
    push(s, one, SAME);
  }

  /** In it everybody waits, also who is trusted, so that the control is what comes after. */
  @Test
  void whatAPolicyThatCannotBeReadJudgesWaitsUntilItCan() throws Exception {
    scene
        .holdfast
        .cli("policy", "set", "--repository", "app", scene.written(ForgeScene.policyText(1)))
        .ok();
    Path database = folder.resolve("server/server/holdfast.db");
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + database + "?busy_timeout=10000");
        Statement statement = connection.createStatement()) {
      assertThat(
              statement.executeUpdate(
                  "UPDATE policy SET body = '{\"hold-known\": \"perhaps\"}' WHERE scope <> '*'"))
          .isEqualTo(1);
    }
    Set<String> before = scene.sandboxes();
    push(scene, scene.maintainer, SAME);
    String run = scene.newest().runs().getFirst();
    assertThat(scene.causes(run)).containsExactly("policy-unreadable");
    assertThat(scene.holdfast.cli("hold", "approve", run).exit()).isNotZero();
    assertThat(scene.state(run)).isEqualTo("held");
    assertThat(scene.sandboxes()).isEqualTo(before);

    scene.holdfast.cli("policy", "clear", "--repository", "app").ok();
    scene.control();
    assertThat(scene.state(run)).as("withdrawn, and decided anew").isEqualTo("cancelled");
  }

  @Test
  void wherePolicySaysSoKnownPeopleWaitAsWell() throws Exception {
    String strict =
        ForgeScene.policyText(1).replace("\"hold-known\": false", "\"hold-known\": true");
    scene.holdfast.cli("policy", "set", "--repository", "app", scene.written(strict)).ok();
    try {
      push(scene, scene.developer, SAME);
      String run = scene.newest().runs().getFirst();
      assertThat(scene.causes(run)).containsExactly("not-trusted");
      scene.nothingRan(run);
      // Else it would be decided anew, and run, in the middle of what comes next.
      scene.holdfast.cli("cancel", run).ok();
    } finally {
      scene.holdfast.cli("policy", "clear", "--repository", "app").ok();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void endToEnd(Row row) throws Exception {
    row.act().in(scene);
    ForgeScene.Became became = scene.newest();
    if (row.expected().equals("nothing")) {
      assertThat(became.runs()).as(became.said()).isEmpty();
      return;
    }
    assertThat(became.runs()).as(became.said()).hasSize(1);
    String run = became.runs().getFirst();
    if (row.expected().startsWith("run ")) {
      assertThat(scene.output(run))
          .startsWith("defined by " + row.expected().substring("run ".length()) + "\n");
      assertThat(scene.sandboxes())
          .as("a sandbox was made")
          .contains(new Run(scene.holdfast.run(run)).lastAttempt("test"));
      return;
    }
    assertThat(scene.state(run)).as(became.said()).isEqualTo("held");
    assertThat(scene.causes(run)).isEqualTo(causes(row.expected()));
    scene.nothingRan(run);
    assertThat(scene.state(run)).isEqualTo("held");
  }

  /** Words as the API writes them. */
  private static Set<String> causes(String expected) {
    var causes = new TreeSet<String>();
    for (String word : List.of(expected.substring("held ".length()).split(" "))) {
      causes.add(word.toLowerCase(java.util.Locale.ROOT).replace('_', '-'));
    }
    return causes;
  }
}
