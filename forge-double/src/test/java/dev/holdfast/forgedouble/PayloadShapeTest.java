package dev.holdfast.forgedouble;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every field that the double sends is one that GitHub sends, of the same type. */
class PayloadShapeTest {
  @TempDir Path folder;

  @Test
  void whatTheDoubleSendsLooksLikeWhatGitHubSent() throws Exception {
    List<Delivery> sent = everything();
    assertThat(sent).extracting(Delivery::event).contains("push", "pull_request", "issue_comment");
    var wrong = new ArrayList<String>();
    for (Delivery delivery : sent) {
      compare(delivery.event(), JsonText.parse(delivery.body()), real(delivery), wrong);
    }
    // GitHub documents it for comments on pull requests; its samples are of plain issues.
    wrong.removeIf(line -> line.equals("issue_comment.issue.pull_request is not sent"));
    assertThat(wrong).isEmpty();
  }

  @Test
  void aFieldThatGitHubDoesNotSendWouldBeFound() {
    var wrong = new ArrayList<String>();
    List<Json> real = List.of(JsonText.parse("{\"id\": 1, \"user\": {\"login\": \"a\"}}"));
    compare("", JsonText.parse("{\"id\": \"1\", \"user\": {\"name\": \"a\"}}"), real, wrong);
    assertThat(wrong).containsExactly(".id is Str", ".user.name is not sent");
  }

  private List<Delivery> everything() throws Exception {
    HttpServer ear =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    ear.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(202, -1);
          }
        });
    ear.start();
    try (ForgeDouble forge = ForgeDouble.start(Kind.GITHUB, folder)) {
      Account owner = forge.account("owner");
      Account stranger = forge.account("stranger");
      Repo app = forge.repository(owner, "app", false);
      forge.webhook(
          app, "http://127.0.0.1:" + ear.getAddress().getPort() + "/hook", "s".repeat(32));
      forge.push(app, "main", owner, Map.of("file", "one\n"));
      forge.push(app, "other", owner, Map.of("file", "other\n"));
      Repo fork = forge.fork(app, stranger);
      forge.push(fork, "topic", stranger, Map.of("file", "two\n"));
      Pull pull = forge.open(app, "main", fork, "topic", stranger);
      forge.push(fork, "topic", stranger, Map.of("file", "three\n"));
      forge.retarget(pull, "other", stranger);
      forge.label(pull, owner);
      long comment = forge.comment(pull, owner, "hello");
      forge.edit(pull, comment, owner, owner, "hello again");
      forge.delete(fork);
      forge.close(pull, owner);
      forge.deleteBranch(app, "other", owner);
      return forge.deliveries();
    } finally {
      ear.stop(0);
    }
  }

  /** The payloads of this kind that GitHub sent. */
  private static List<Json> real(Delivery delivery) throws Exception {
    Optional<Path> folder =
        Stream.iterate(Path.of("").toAbsolutePath(), at -> at.getParent() != null, Path::getParent)
            .map(at -> at.resolveSibling(Path.of("shared", "data", "github-webhooks")))
            .filter(Files::isDirectory)
            .findFirst();
    Assumptions.assumeTrue(
        folder.isPresent(), "no ../shared/data/github-webhooks beside the project");
    var payloads = new ArrayList<Json>();
    try (Stream<Path> files = Files.list(folder.orElseThrow().resolve(delivery.event()))) {
      for (Path file : files.toList()) {
        payloads.add(JsonText.parse(Files.readAllBytes(file)));
      }
    }
    return payloads;
  }

  private static void compare(String at, Json ours, List<Json> theirs, List<String> wrong) {
    if (!(ours instanceof Json.Obj(var fields))) {
      boolean same =
          theirs.stream().anyMatch(t -> t.getClass() == ours.getClass())
              // What GitHub leaves out of a sample may be nothing at another time.
              || ours instanceof Json.Null;
      if (!same) {
        wrong.add(at + " is " + ours.getClass().getSimpleName());
      }
      return;
    }
    fields.forEach((name, value) -> {
      List<Json> known =
          theirs.stream()
              .filter(Json.Obj.class::isInstance)
              .map(Json.Obj.class::cast)
              .filter(t -> t.fields().containsKey(name))
              .map(t -> t.fields().getOrDefault(name, Json.NULL))
              .toList();
      if (known.isEmpty()) {
        wrong.add(at + "." + name + " is not sent");
      } else {
        compare(at + "." + name, value, known, wrong);
      }
    });
  }
}
