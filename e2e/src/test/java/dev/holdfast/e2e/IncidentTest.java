package dev.holdfast.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.forgedouble.Kind;
import dev.holdfast.forgedouble.Repo;
import dev.holdfast.model.json.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.JwksVerificationKeyResolver;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * An incident replayed, by signed webhooks, real git and real sandboxes: a stranger's pull request
 * puts a poisoned tool into a cache, and a release by somebody trusted restores it, runs it, and
 * has a token by which a cloud lets it publish. Three places stand in its way, and each is shown
 * with the other two taken away:
 *
 * <ol>
 *   <li>what a pull request keeps belongs to that pull request. Away: its row is moved to the
 *       default branch's, as if keys had no lines
 *   <li>what is trusted is not given what something less trusted kept. Away: the release says
 *       {@code from: untrusted}
 *   <li>a token says whether its job was given such a thing, and is somebody else's then. Away: the
 *       cloud is told to let that somebody in too
 * </ol>
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class IncidentTest {
  private static final String ISSUER = "https://ci.example.org";
  private static final String CLOUD = "sts.example.org";

  private static String test(int key) {
    return """
    name: ci
    on: {pull-request: {}}
    jobs:
      test:
        cache: {paths: tools, key: tools-%d}
        steps: [{run: sh build.sh}]
    """
        .formatted(key);
  }

  private static String release(int key, String from) {
    return """
    name: release
    on: {push: {tags: ["v*"]}}
    jobs:
      release:
        cache: {paths: tools, key: tools-%d%s}
        artifacts: {upload: {name: given, paths: [given]}}
        steps:
          - {name: build, run: sh build.sh}
          - name: publish
            run: 'sh tools/tool >given; printf %%s "$TOKEN" >>given'
            identity: {TOKEN: sts.example.org}
    """
        .formatted(key, from);
  }

  /** Makes the tool where no cache has it. */
  private static final String BUILD =
      "test -f tools/tool || { mkdir -p tools; echo 'echo %s' >tools/tool; }\n";

  @TempDir static Path folder;
  private ForgeScene scene;
  private int replays;

  @BeforeAll
  void open() throws Exception {
    scene =
        new ForgeScene(
            folder, Kind.GITHUB, false, false, Optional.empty(), List.of("--public-url", ISSUER));
  }

  @AfterAll
  void close() throws Exception {
    scene.close();
  }

  /**
   * What came of it.
   *
   * @param tool which one the release ran
   * @param published whether the cloud let it
   */
  private record Came(String tool, boolean published) {}

  /** Replays it with a key and a tag of its own; each of the three is there or away. */
  private Came replay(boolean lines, boolean trust, boolean said) throws Exception {
    int number = ++replays;
    scene.forge.push(
        scene.app,
        "main",
        scene.maintainer,
        Map.of(
            ".holdfast/ci.yaml",
            test(number),
            ".holdfast/release.yaml",
            release(number, trust ? "" : ", from: untrusted"),
            "build.sh",
            BUILD.formatted("good")));
    scene.newest();

    Repo fork = scene.forge.fork(scene.app, scene.stranger);
    String branch = scene.fresh();
    scene.forge.push(fork, branch, scene.stranger, Map.of("build.sh", BUILD.formatted("poisoned")));
    scene.forge.open(scene.app, "main", fork, branch, scene.stranger);
    String test = scene.newest().runs().getFirst();
    // A person looked at the change, and let its tests run.
    var approved =
        scene.holdfast.api().post("/api/v1/holds/" + scene.hold(test) + "/approve", "{}");
    assertThat(approved.status()).as(approved.text()).isEqualTo(200);
    assertThat(new Run(scene.holdfast.awaitRun(test)).state()).isEqualTo("succeeded");
    String mine = " WHERE scope LIKE 'pull:%' AND cache_key = 'tools-" + number + "'";
    write("UPDATE cache_entry SET used_at = used_at" + mine);
    if (!lines) {
      write("UPDATE cache_entry SET scope = 'branch:main'" + mine);
    }

    String tag = "v" + number;
    scene.forge.tag(scene.app, tag, scene.app.at("main"), scene.maintainer);
    var release = new Run(scene.holdfast.awaitRun(scene.newest().runs().getFirst()));
    assertThat(release.state()).as(String.valueOf(release.json())).isEqualTo("succeeded");
    String[] given = given(release).split("\n", 2);
    return new Came(given[0], admitted(given[1], tag, said));
  }

  private void write(String sql) throws Exception {
    Path database = folder.resolve("server/server/holdfast.db");
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + database + "?busy_timeout=10000");
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate(sql)).as(sql).isEqualTo(1);
    }
  }

  /** What the release gave away: what its tool said, and its token. */
  private String given(Run release) throws Exception {
    Path file = folder.resolve("given-" + replays + ".tar.gz");
    scene.holdfast.cli("artifact", "download", release.id(), "given", "-o", file.toString()).ok();
    Process tar = new ProcessBuilder("tar", "-xzOf", file.toString(), "given").start();
    return new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private String repository() {
    Json app = scene.holdfast.api().get("/api/v1/repositories/app").json();
    return Api.string(app, "id");
  }

  /** What a cloud says that trusts this installation's tags of this repository. */
  private boolean admitted(String token, String tag, boolean strict) throws Exception {
    String keys = scene.holdfast.api().get("/.well-known/jwks.json").text();
    String subject = "repository:" + repository() + ":tag:" + tag;
    var cloud =
        new JwtConsumerBuilder()
            .setVerificationKeyResolver(
                new JwksVerificationKeyResolver(new JsonWebKeySet(keys).getJsonWebKeys()))
            .setExpectedIssuer(ISSUER)
            .setExpectedAudience(CLOUD)
            .setRequireExpirationTime()
            .setRequireSubject();
    // It is good for whoever looks at nothing else: all that a cloud is told is whom to let in.
    String who = cloud.build().processToClaims(token).getSubject();
    return who.equals(subject) || (!strict && who.equals("lower-trust:" + subject));
  }

  @Test
  void positiveControl_withAllThreeAway_thePoisonedToolPublishes() throws Exception {
    assertThat(replay(false, false, false)).isEqualTo(new Came("poisoned", true));
  }

  @Test
  void whatAPullRequestKeeps_aReleaseDoesNotFind() throws Exception {
    assertThat(replay(true, false, false)).isEqualTo(new Came("good", true));
  }

  @Test
  void whatSomethingLessTrustedKept_aReleaseIsNotGiven() throws Exception {
    assertThat(replay(false, true, false)).isEqualTo(new Came("good", true));
  }

  @Test
  void aReleaseThatWasGivenIt_isSomebodyElseToTheCloud() throws Exception {
    assertThat(replay(false, false, true)).isEqualTo(new Came("poisoned", false));
  }
}
