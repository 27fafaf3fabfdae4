package dev.holdfast.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.Artifacts;
import dev.holdfast.model.definition.Cache;
import dev.holdfast.model.definition.CacheKey;
import dev.holdfast.model.definition.EnvironmentPattern;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.JobApproval;
import dev.holdfast.model.definition.KeyPart;
import dev.holdfast.model.definition.LockFile;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Service;
import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.definition.TimeLimit;
import dev.holdfast.model.wire.channel.FromRunner.Diagnostic;
import dev.holdfast.model.wire.channel.FromRunner.Evaluated;
import dev.holdfast.model.wire.channel.FromRunner.Origin;
import dev.holdfast.model.wire.channel.ToRunner;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EvaluationTest {
  private static final String CI =
      """
      import dev.holdfast.sdk.*;
      import static dev.holdfast.sdk.Workflows.*;

      class Ci implements WorkflowSource {
          public Workflow define() {
              var test = job("test").runsOn("linux").image("maven:3-eclipse-temurin-25")
                  .step("unit tests", sh("mvn -B verify"))
                  .step("report", ctx -> ctx.summary("passed on " + ctx.commit().shortSha()));
              return workflow("ci").on(push().branches("main"), pullRequest()).jobs(test);
          }
      }
      """;

  @Test
  void services_become_part_of_the_lock_file_or_an_error_at_their_line() throws IOException {
    String job =
        CI.replace(
            ".step(\"unit tests\"",
            ".service(\"db\", \"postgres:17\", s -> s.env(\"A\", \"b\").readyAt(5432))\n"
                + ".service(\"mq\", \"mq:1\", s -> s.command(\"run\", \"-v\")"
                + ".readyWhen(\"up\").within(\"2m\"))\n.step(\"unit tests\"");
    var evaluated = evaluate(Map.of("Ci.java", job));

    assertThat(evaluated.diagnostics()).isEmpty();
    assertThat(evaluated.workflows().getFirst().jobs().getFirst().services())
        .containsExactly(
            new Service(
                "db",
                "postgres:17",
                Map.of("A", "b"),
                List.of(),
                new Service.Ready.Port(5432, Optional.empty())),
            new Service(
                "mq",
                "mq:1",
                Map.of(),
                List.of("run", "-v"),
                new Service.Ready.Command("up", Optional.of(new TimeLimit("2m")))));
    assertThat(evaluated.origins())
        .contains(new Origin("workflows[ci].jobs[test].services[db]", "Ci.java", 7));

    assertThat(evaluate(Map.of("Ci.java", job.replace(".readyAt(5432)", ""))).diagnostics())
        .containsExactly(
            new Diagnostic(
                "Ci.java",
                7,
                "the service db does not say when it is ready; add readyAt(PORT) or"
                    + " readyWhen(\"SCRIPT\")"));
    assertThat(evaluate(Map.of("Ci.java", job.replace("\"mq\"", "\"db\""))).diagnostics())
        .containsExactly(
            new Diagnostic(
                "Ci.java", 8, "two services of job test are named db; rename one of them"));
  }

  @Test
  void a_job_that_waits_for_people_says_so_in_the_lock_file() throws IOException {
    String job =
        CI.replace(".step(\"unit tests\"", ".approval(2, \"deploys\").step(\"unit tests\"");
    assertThat(evaluate(Map.of("Ci.java", job)).workflows().getFirst().jobs().getFirst().approval())
        .contains(new JobApproval(2, Optional.of("deploys")));
    assertThat(evaluate(Map.of("Ci.java", job.replace("(2, ", "(11, "))).diagnostics())
        .singleElement()
        .satisfies(
            wrong -> assertThat(wrong.message()).startsWith("11 approvals cannot be asked for"));
  }

  @Test
  void a_job_names_the_environments_that_it_runs_in() throws IOException {
    String job =
        CI.replace(
            ".step(\"unit tests\"", ".environment(\"eu\", \"review/*\").step(\"unit tests\"");
    assertThat(
            evaluate(Map.of("Ci.java", job))
                .workflows()
                .getFirst()
                .jobs()
                .getFirst()
                .environments())
        .containsExactly(new EnvironmentPattern("eu"), new EnvironmentPattern("review/*"));
    assertThat(evaluate(Map.of("Ci.java", job.replace("\"eu\"", "\"e u\""))).diagnostics())
        .singleElement()
        .satisfies(
            wrong -> assertThat(wrong.message()).startsWith("\"e u\" is not an environment"));
  }

  @Test
  void caches_and_artifacts_become_part_of_the_lock_file_or_an_error_at_their_line()
      throws IOException {
    String job =
        CI.replace(
            ".step(\"unit tests\"",
            ".cache(\"~/.m2\", c -> c.key(\"m\").hash(\"**/pom.xml\").restoreKey(1).fromUntrusted())\n"
                + ".upload(\"jars\", \"target/*.jar\").step(\"unit tests\"");
    var made = evaluate(Map.of("Ci.java", job));

    assertThat(made.diagnostics()).isEmpty();
    Job test = made.workflows().getFirst().jobs().getFirst();
    var maven = new KeyPart.Text("m");
    assertThat(test.cache())
        .containsExactly(
            new Cache(
                List.of("~/.m2"),
                new CacheKey(List.of(maven, new KeyPart.Files(List.of("**/pom.xml")))),
                List.of(new CacheKey(List.of(maven))),
                Optional.of(Cache.From.UNTRUSTED)));
    assertThat(test.uploads())
        .containsExactly(
            new Artifacts.Upload(new Name("jars"), List.of("target/*.jar"), Optional.empty()));
    assertThat(evaluate(Map.of("Ci.java", job.replace("~/.m2", "/etc"))).diagnostics())
        .singleElement()
        .satisfies(said -> {
          assertThat(said.line()).isEqualTo(7);
          assertThat(said.message()).contains("\"/etc\" is not one below the workspace");
        });
    String none = job.replace(".upload(", ".noCaches().upload(");
    assertThat(evaluate(Map.of("Ci.java", none)).diagnostics())
        .singleElement()
        .satisfies(said -> assertThat(said.message()).contains("is to build on no caches"));
    String download = job.replace(".upload(\"jars\", \"target/*.jar\")", ".download(\"jars\")");
    assertThat(evaluate(Map.of("Ci.java", download)).diagnostics())
        .singleElement()
        .satisfies(said -> {
          assertThat(said.line()).isEqualTo(8);
          assertThat(said.message()).contains("which no job uploads that it needs");
        });
  }

  @Test
  void the_example_of_the_documentation_becomes_its_lock_file() throws IOException {
    var evaluated = evaluate(Map.of("Ci.java", CI));

    assertThat(evaluated.diagnostics()).isEmpty();
    assertThat(evaluated.origins())
        .containsExactly(
            new Origin("workflows[ci]", "Ci.java", 9),
            new Origin("workflows[ci].on[0]", "Ci.java", 9),
            new Origin("workflows[ci].on[1]", "Ci.java", 9),
            new Origin("workflows[ci].jobs[test]", "Ci.java", 6),
            new Origin("workflows[ci].jobs[test].steps[unit tests]", "Ci.java", 7),
            new Origin("workflows[ci].jobs[test].steps[report]", "Ci.java", 8));
    assertThat(new LockFile(1, "sha256:" + "0".repeat(64), evaluated.workflows()).text())
        .isEqualTo(
            """
            {
              "version" : 1,
              "sources" : "sha256:0000000000000000000000000000000000000000000000000000000000000000",
              "workflows" : [
                {
                  "name" : "ci",
                  "on" : [
                    {
                      "type" : "push",
                      "branches" : [
                        "main"
                      ]
                    },
                    {
                      "type" : "pull-request"
                    }
                  ],
                  "jobs" : [
                    {
                      "name" : "test",
                      "runs-on" : [
                        "linux"
                      ],
                      "image" : "maven:3-eclipse-temurin-25",
                      "steps" : [
                        {
                          "type" : "command",
                          "name" : "unit tests",
                          "run" : "mvn -B verify"
                        },
                        {
                          "type" : "code",
                          "name" : "report"
                        }
                      ]
                    }
                  ]
                }
              ]
            }
            """);
  }

  @Test
  void everything_an_author_can_say_reaches_the_model() throws IOException {
    var evaluated =
        define(
            """
            var lint = job("lint").step("lint", sh("make lint"));
            var test = job("test").needs(lint).env("A", "b").matrix("os", "linux", "mac")
                .timeout("20m").directory("app").when(When.ALWAYS)
                .step("a", sh("x").env("C", "d").directory("e").timeout("90s").when(When.FAILURE))
                .step("b", code(ctx -> {}).timeout(java.time.Duration.ofMinutes(2)));
            return workflow("all")
                .on(push().branches("main", "!main-*").tags("v*").paths("src/**"),
                    pullRequest().branches("main").actions(PullRequestAction.OPENED).paths("x"),
                    manual().input(text("t").description("d"), number("n").defaultsTo(3),
                        bool("b").defaultsTo(true), choice("c", "x", "y").defaultsTo("y")),
                    schedule("30 4 * * 1"))
                .jobs(lint, test);
            """);

    assertThat(evaluated.diagnostics()).isEmpty();
    var text = new LockFile(1, "sha256:" + "0".repeat(64), evaluated.workflows()).text();
    assertThat(text.replaceAll("\\s+", " "))
        .contains(
            "\"branches\" : [ \"main\", \"!main-*\" ], \"tags\" : [ \"v*\" ], \"paths\" : [",
            "\"actions\" : [ \"opened\" ]",
            "\"name\" : \"n\", \"kind\" : \"number\", \"initial\" : \"3\"",
            "\"name\" : \"b\", \"kind\" : \"boolean\", \"initial\" : \"true\"",
            "\"choices\" : [ \"x\", \"y\" ]",
            "\"cron\" : \"30 4 * * 1\"",
            "\"needs\" : [ \"lint\" ]",
            "\"matrix\" : { \"os\" : [ \"linux\", \"mac\" ] }",
            "\"directory\" : \"app\", \"when\" : \"always\", \"timeout\" : \"20m\"",
            "\"env\" : { \"C\" : \"d\" }, \"directory\" : \"e\", \"when\" : \"failure\","
                + " \"timeout\" : \"90s\"",
            "\"type\" : \"code\", \"name\" : \"b\", \"timeout\" : \"120s\"");
  }

  @Test
  void several_workflows_helpers_and_compact_sources_work() throws IOException {
    var evaluated =
        evaluate(
            Map.of(
                "Many.java",
                """
                import dev.holdfast.sdk.*;
                import static dev.holdfast.sdk.Workflows.*;
                class Many implements WorkflowSources {
                  public java.util.List<Workflow> define() {
                    return java.util.List.of(Help.named("b"), Help.named("a"));
                  }
                }
                """,
                "Help.java",
                """
                import dev.holdfast.sdk.*;
                import static dev.holdfast.sdk.Workflows.*;
                record Help() {
                  static Workflow named(String name) {
                    return workflow(name).on(push()).jobs(job("j").step("s", sh("true")));
                  }
                }
                """,
                "Compact.java",
                """
                import dev.holdfast.sdk.*;
                import static dev.holdfast.sdk.Workflows.*;
                Workflow define() {
                  return workflow("compact").on(push()).jobs(job("j").step("s", sh("true")));
                }
                void main() {}
                """));

    assertThat(evaluated.diagnostics()).isEmpty();
    assertThat(evaluated.workflows())
        .extracting(w -> w.name().value())
        .containsExactly("compact", "b", "a");
    assertThat(evaluated.origins().get(4)).isEqualTo(new Origin("workflows[b]", "Help.java", 5));
  }

  @Test
  void a_cycle_points_at_a_line_that_needs() throws IOException {
    assertOnly(
        """
        var a = job("a").step("s", sh("true"))
            .needs("b");
        var b = job("b").needs(a).step("s", sh("true"));
        return workflow("w").on(push()).jobs(a, b);
        """,
        2,
        "jobs need each other in a circle: a needs b needs a; remove one of these needs");
  }

  @Test
  void an_unknown_need_points_at_its_line() throws IOException {
    assertOnly(
        """
        var a = job("a")
            .step("s", sh("true"))
            .needs("tset");
        return workflow("w").on(push()).jobs(a, job("test").step("s", sh("true")));
        """,
        3,
        "job a needs tset, which this workflow does not have; it has a, test");
  }

  @Test
  void duplicates_point_at_the_second() throws IOException {
    assertOnly(
        """
        return workflow("w").on(push()).jobs(
            job("a").step("s", sh("true")),
            job("a").step("s", sh("true")));
        """,
        3,
        "two jobs are named a; rename one of them");
    assertOnly(
        """
        return workflow("w").on(push()).jobs(job("a")
            .step("s", sh("true"))
            .step("s", sh("true")));
        """,
        3,
        "two steps of job a are named \"s\"; rename one of them");
  }

  @Test
  void a_bad_filter_schedule_name_or_timeout_points_at_its_line() throws IOException {
    assertOnly(
        """
        return workflow("w").on(push(),
            push().branches("!main")).jobs(job("a").step("s", sh("true")));
        """,
        2,
        "the filter starts with \"!main\", which takes back nothing; put what it is to take from"
            + " before it, such as **");
    assertOnly(
        """
        return workflow("w")
            .on(schedule("every day"))
            .jobs(job("a").step("s", sh("true")));
        """,
        2,
        "\"every day\" is not a schedule; write five fields, as 30 4 * * 1");
    assertOnly(
        """
        return workflow("w").on(push()).jobs(
            job("a b").step("s", sh("true")));
        """,
        2,
        "\"a b\" is not a name; use 1 to 100 letters, digits, '.', '-' or '_', starting with a"
            + " letter or digit");
    assertOnly(
        """
        return workflow("w").on(push()).jobs(job("a")
            .step("s", sh("true").timeout("soon")));
        """,
        2,
        "\"soon\" is not a time limit; write 90s, 10m or 2h, at most 168h");
  }

  @Test
  void what_the_sdk_refuses_points_at_the_line_that_gave_it() throws IOException {
    assertOnly(
        """
        String none = null;
        return workflow("w").on(push()).jobs(
            job("a").image(none));
        """,
        3,
        "the image is null; give one");
    assertOnly(
        """
        return workflow("w").on(push()).jobs(job("a")
            .env("A", "1")
            .env("A", "2"));
        """,
        3,
        "the variable A is given twice; remove one");
  }

  @Test
  void all_errors_of_the_model_are_told_together() throws IOException {
    var evaluated =
        define(
            """
            return workflow("w").on(schedule("x")).jobs(
                job("a b").step("s", sh("true")),
                job("c").timeout("1y").step("s", sh("true")));
            """);

    assertThat(evaluated.diagnostics()).extracting(Diagnostic::line).containsExactly(6, 7, 8);
    assertThat(evaluated.workflows()).isEmpty();
  }

  @Test
  void compiler_errors_have_file_line_and_one_line_of_text() throws IOException {
    var evaluated = define("return workflow(\"w\").onn(push());");

    assertThat(evaluated.diagnostics())
        .containsExactly(
            new Diagnostic(
                "W.java",
                6,
                "cannot find symbol; symbol: method onn(Push); location: class Workflow"));
  }

  @Test
  void the_runner_itself_is_not_on_the_class_path() throws IOException {
    assertThat(define("dev.holdfast.runner.Main.main(new String[0]); return null;").diagnostics())
        .extracting(Diagnostic::message)
        .containsExactly("package dev.holdfast.runner does not exist");
  }

  @Test
  void an_exception_of_define_points_at_its_line() throws IOException {
    assertOnly(
        "int zero = 0;\nreturn workflow(\"w\" + 1 / zero);", 2, "ArithmeticException: / by zero");
    assertThat(define("return null;").diagnostics())
        .containsExactly(new Diagnostic("W.java", 0, "define of W gave no workflow"));
    assertThat(evaluate(Map.of("Empty.java", "class Empty {}")).diagnostics())
        .extracting(Diagnostic::message)
        .containsExactly(
            "no class in .holdfast/ defines a workflow; let one implement WorkflowSource");
  }

  private static void assertOnly(String body, int lineOfBody, String message) throws IOException {
    assertThat(define(body).diagnostics())
        .containsExactly(new Diagnostic("W.java", lineOfBody + 5, message));
  }

  /** The body of {@code define} starts at line 6 of W.java. */
  private static Evaluated define(String body) throws IOException {
    return evaluate(
        Map.of(
            "W.java",
            """
            import dev.holdfast.sdk.*;
            import static dev.holdfast.sdk.Workflows.*;

            class W implements WorkflowSource {
              public Workflow define() {
            """
                + body
                + "\n}}\n"));
  }

  static Evaluated evaluate(Map<String, String> files) throws IOException {
    try (var agent = new TestAgent()) {
      agent.hello();
      agent.send(new ToRunner.Evaluate(new Sources(files)));
      return agent.hear().evaluated();
    }
  }
}
