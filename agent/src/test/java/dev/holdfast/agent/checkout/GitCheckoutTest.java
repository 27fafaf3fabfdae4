package dev.holdfast.agent.checkout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.wire.agent.AgentApi.Source;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real repositories, real git. */
class GitCheckoutTest {
  @TempDir private Path temp;
  private Path repository = Path.of("/nowhere");
  private CommitId commit = new CommitId("a".repeat(40));

  @BeforeEach
  void makeRepository() throws Exception {
    repository = Files.createDirectory(temp.resolve("repo"));
    sh("git init -q -b main . && git config user.email a@example.org && git config user.name a");
    sh("echo hello >README && ln -s /etc/passwd link && mkdir d && echo x >d/x");
    sh("echo '* filter=evil' >.gitattributes && git add -A && git commit -qm one");
    commit = new CommitId(sh("git rev-parse HEAD").strip());
  }

  private String sh(String script) throws Exception {
    Process process =
        new ProcessBuilder("/bin/sh", "-ec", script)
            .directory(repository.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  private Source source(Path url, String ref, CommitId at) {
    return new Source("repo_1", "demo", url.toString(), ref, at);
  }

  private GitCheckout checkout() throws Exception {
    return new GitCheckout(temp.resolve("data"), Duration.ofMinutes(1));
  }

  @Test
  void files_areThereAndLinksStayLinks() throws Exception {
    Path workspace = Files.createDirectory(temp.resolve("w"));
    checkout().write(source(repository, "refs/heads/main", commit), workspace);
    assertThat(workspace.resolve("README")).hasContent("hello");
    assertThat(workspace.resolve("d/x")).hasContent("x");
    assertThat(Files.isSymbolicLink(workspace.resolve("link"))).isTrue();
    assertThat(Files.readString(workspace.resolve(".git/config")))
        .doesNotContain(repository.toString())
        .doesNotContain("url");
  }

  @Test
  void jobsOfOneRun_checkOutAtTheSameTime() throws Exception {
    GitCheckout checkout = checkout();
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      var running = new ArrayList<Future<?>>();
      for (int i = 0; i < 8; i++) {
        Path workspace = Files.createDirectory(temp.resolve("w" + i));
        running.add(
            pool.submit(() -> {
              checkout.write(source(repository, "refs/heads/main", commit), workspace);
              return workspace;
            }));
      }
      for (Future<?> one : running) {
        assertThat((Path) one.get()).isDirectoryContaining("glob:**README");
      }
    }
  }

  @Test
  void aBranchWithAHostileName_isOnlyAName() throws Exception {
    sh("git update-ref 'refs/heads/--upload-pack=touch${IFS}pwned' HEAD");
    Path workspace = Files.createDirectory(temp.resolve("w"));
    checkout()
        .write(source(repository, "refs/heads/--upload-pack=touch${IFS}pwned", commit), workspace);
    assertThat(workspace.resolve("README")).exists();
  }

  @Test
  void aCommitThatIsGone_isGoneForEveryAgent() throws Exception {
    Path workspace = Files.createDirectory(temp.resolve("w"));
    GitCheckout checkout = checkout();
    var gone = new CommitId("b".repeat(40));
    assertThatExceptionOfType(CheckoutFailed.class)
        .isThrownBy(() -> checkout.write(source(repository, "refs/heads/main", gone), workspace))
        .satisfies(e -> assertThat(e.lasting()).isTrue())
        .withMessageContaining("demo has no commit " + gone)
        .withMessageNotContaining("\n");
  }

  @Test
  void aRepositoryThatIsAway_mayComeBack() throws Exception {
    Path workspace = Files.createDirectory(temp.resolve("w"));
    GitCheckout checkout = checkout();
    assertThatExceptionOfType(CheckoutFailed.class)
        .isThrownBy(() ->
            checkout.write(source(temp.resolve("vanished"), "refs/heads/main", commit), workspace))
        .satisfies(e -> assertThat(e.lasting()).isFalse())
        .withMessageContaining("vanished")
        .withMessageNotContaining("\n");
  }

  /** The mirror of one repository must go for another's; a job that uses it must not notice. */
  @Test
  void aMirrorThatIsInUse_staysUntilItsCheckoutIsComplete() throws Exception {
    sh("git clone -q --bare . ../served.git && git -C ../served.git update-server-info");
    HttpServer server =
        SimpleFileServer.createFileServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            temp.toRealPath().resolve("served.git"),
            SimpleFileServer.OutputLevel.NONE);
    server.start();
    try {
      String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
      Path mirrors = temp.resolve("data/mirror");
      var nothing =
          new GitCheckout(temp.resolve("data"), Duration.ofMinutes(1), 0, Optional.empty());
      try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
        var running = new ArrayList<Future<?>>();
        for (int i = 0; i < 12; i++) {
          Path workspace = Files.createDirectory(temp.resolve("w" + i));
          var source = new Source("repo_" + i % 3, "demo", url, "refs/heads/main", commit);
          running.add(
              pool.submit(() -> {
                nothing.write(source, workspace);
                return workspace;
              }));
        }
        for (Future<?> one : running) {
          assertThat(((Path) one.get()).resolve("README")).hasContent("hello");
        }
      }
      await().untilAsserted(() -> assertThat(mirrors).isEmptyDirectory());
      // The control: with room for it a mirror stays.
      Path last = Files.createDirectory(temp.resolve("last"));
      checkout().write(new Source("repo_1", "demo", url, "refs/heads/main", commit), last);
      assertThat(mirrors.resolve("repo_1/HEAD")).exists();
    } finally {
      server.stop(0);
    }
  }
}
