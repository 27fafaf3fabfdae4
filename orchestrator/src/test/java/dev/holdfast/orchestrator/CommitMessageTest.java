package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.event.CommitId;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What authors write of their commits: shown, bounded, and nothing waits for it. */
class CommitMessageTest {
  private static final CommitId A = new CommitId("a".repeat(40));
  private static final CommitId B = new CommitId("b".repeat(40));

  @TempDir Path data;

  private static PageScene scene(Path data) throws Exception {
    var scene =
        new PageScene(
            data, PageScene.workflow("build", PageScene.job("compile", List.of(), "compile")));
    scene.stage.repository("harbour");
    return scene;
  }

  private static Caller.Answer run(PageScene scene, CommitId commit) throws Exception {
    return scene.admin.get(
        "/api/v1/runs/" + scene.push("harbour", "main", commit, PageScene.ANNA, 1).getFirst());
  }

  @Test
  void aRunSaysAllOfItAndAListTheFirstLine() throws Exception {
    try (var scene = scene(data)) {
      scene.stage.forge.message(A, "\n  Say what \n\nand why,\n  in lines\n\n");
      Caller.Answer run = run(scene, A);
      assertThat(run.at("event.message.subject")).isEqualTo("Say what");
      assertThat(run.at("event.message.body")).isEqualTo("and why,\n  in lines");
      Caller.Answer list = scene.admin.get("/api/v1/runs");
      assertThat(list.at("runs.0.event.message.subject")).isEqualTo("Say what");
      assertThat(list.text()).doesNotContain("and why");
    }
  }

  @Test
  void aMessageOfAMegabyteIsCut() throws Exception {
    try (var scene = scene(data)) {
      scene.stage.forge.message(A, "S".repeat(1024 * 1024) + "\n\n" + "M".repeat(1024 * 1024));
      Caller.Answer run = run(scene, A);
      assertThat(run.at("event.message.subject")).hasSize(500).endsWith("S…");
      assertThat(run.at("event.message.body")).hasSize(8000).endsWith("M…");
    }
  }

  @Test
  void whereItCannotBeReadTheRunStartsWithout() throws Exception {
    try (var scene = scene(data)) {
      scene.stage.forge.message(A, "Say what");
      scene.stage.forge.messagesAway(true);
      assertThat(run(scene, A).text()).doesNotContain("\"message\"");
      assertThat(scene.take().lease.source().commit()).isEqualTo(A);
      // The control: once it can, the next event of the commit has it.
      scene.stage.forge.messagesAway(false);
      scene.push("harbour", "again", A, PageScene.ANNA, 2);
      assertThat(run(scene, A).at("event.message.subject")).isEqualTo("Say what");
      assertThat(run(scene, B).text()).as("nobody wrote any").doesNotContain("\"message\"");
    }
  }
}
