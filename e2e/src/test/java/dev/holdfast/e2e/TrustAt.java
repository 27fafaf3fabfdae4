package dev.holdfast.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.forgedouble.Kind;
import dev.holdfast.forgedouble.Pull;
import dev.holdfast.forgedouble.Repo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The heart of the table at a forge, with a repository that only a token may read. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class TrustAt {
  private static final Map<String, String> SAME = Map.of("file", "changed\n");
  private static final Map<String, String> CHANGED =
      Map.of("file", "changed\n", ".holdfast/ci.yaml", ForgeScene.CI.formatted("head"));

  @TempDir static Path folder;
  private final Kind kind;
  ForgeScene scene;

  private final boolean byApp;

  TrustAt(Kind kind, boolean byApp) {
    this.kind = kind;
    this.byApp = byApp;
  }

  @BeforeAll
  void open() throws Exception {
    scene =
        new ForgeScene(
            folder,
            kind,
            true,
            byApp,
            Optional.empty(),
            List.of("--public-url", ForgeScene.PUBLIC));
  }

  @AfterAll
  void close() throws Exception {
    scene.close();
  }

  @Test
  void whoIsTrustedMayChangeWorkflows() throws Exception {
    scene.forge.push(scene.app, scene.fresh(), scene.maintainer, CHANGED);
    assertThat(scene.output(scene.newest().runs().getFirst()))
        .isEqualTo("defined by head\nchanged\n");
  }

  @Test
  void whoIsKnownRunsTheDefinitionsOfTheBase() throws Exception {
    scene.forge.push(scene.app, scene.fresh(), scene.developer, SAME);
    assertThat(scene.output(scene.newest().runs().getFirst()))
        .isEqualTo("defined by main\nchanged\n");
  }

  @Test
  void whoIsKnownAndChangesWorkflowsWaits() throws Exception {
    scene.forge.push(scene.app, scene.fresh(), scene.developer, CHANGED);
    String run = scene.newest().runs().getFirst();
    assertThat(scene.causes(run)).containsExactly("workflows-changed");
    scene.nothingRan(run);
  }

  @Test
  void aStrangersForkWaitsUntilACommentReleasesIt() throws Exception {
    Repo fork = scene.forge.fork(scene.app, scene.stranger);
    String head = scene.forge.push(fork, "topic", scene.stranger, CHANGED);
    Pull pull = scene.forge.open(scene.app, "main", fork, "topic", scene.stranger);
    String run = scene.newest().runs().getFirst();
    assertThat(scene.causes(run)).containsExactlyInAnyOrder("fork", "unknown", "workflows-changed");
    scene.nothingRan(run);
    scene.forge.comment(pull, scene.maintainer, "/holdfast approve " + head);
    assertThat(scene.output(run)).isEqualTo("defined by main\nchanged\n");
  }

  @Test
  void theLinkBesideAHeldCommitLeadsToWhereItIsReleased() throws Exception {
    Repo fork = scene.forge.fork(scene.app, scene.stranger);
    String head = scene.forge.push(fork, "linked", scene.stranger, CHANGED);
    scene.forge.open(scene.app, "main", fork, "linked", scene.stranger);
    String run = scene.newest().runs().getFirst();
    URI link = scene.linkBeside(head);
    assertThat(link.getPath()).isEqualTo("/runs/" + run);
    try (var browser = new PlainBrowser(link)) {
      assertThat(browser.address().getPath()).as("whoever is not signed in").isEqualTo("/sign-in");
      browser.send("/sign-in", Map.of("token", scene.maintainersToken));
      assertThat(browser.address().getPath()).isEqualTo("/runs/" + run);
      browser.follow("/holds/[^\"]+");
      assertThat(browser.text()).contains("Approve " + head.substring(0, 7));
      scene.nothingRan(run);
      browser.send("/approve", Map.of());
      assertThat(browser.text()).doesNotContain("id=\"approve\"");
    }
    assertThat(scene.output(run)).isEqualTo("defined by main\nchanged\n");
  }

  @Test
  void noAgentIsGivenTheToken() throws Exception {
    scene.control();
    URI git =
        URI.create(
            scene.forge.url()
                + "/"
                + scene.app.fullName()
                + ".git/info/refs?service=git-upload-pack");
    assertThat(asked(git, "")).as("control: without a token there is nothing").isNotEqualTo(200);
    assertThat(asked(git, scene.credentials().getFirst()))
        .as("control: with it there is")
        .isEqualTo(200);
    Path control = folder.resolve("control");
    Files.write(control, scene.credentials());
    for (String credential : scene.credentials()) {
      assertThat(holding(control, credential)).as("control").isNotEmpty();
      assertThat(holding(scene.holdfast.agentData("one"), credential)).isEmpty();
      assertThat(holding(folder.resolve("server"), credential)).as("it is sealed").isEmpty();
      assertThat(scene.holdfast.server().lines()).noneMatch(line -> line.contains(credential));
    }
  }

  private static int asked(URI git, String token) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest.Builder request = HttpRequest.newBuilder(git);
      if (!token.isEmpty()) {
        String both = "x-access-token:" + token;
        request.header(
            "Authorization",
            "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8)));
      }
      return http.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }

  private static List<Path> holding(Path root, String text) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> {
            try {
              return Files.readString(file, StandardCharsets.ISO_8859_1).contains(text);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          })
          .toList();
    }
  }
}
