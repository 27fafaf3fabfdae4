package dev.holdfast.e2e;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.forgedouble.Kind;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The server's and the agent's own credentials as canaries: each stands in the one file that is
 * meant to hold it, or in none, and in nothing that a job can reach.
 */
class NothingLeftOfCredentialsTest {
  private static final String WORKFLOW =
      """
      name: ci
      on: push
      jobs:
        hold:
          steps:
            - run: 'echo held; sleep 120; :'
              secrets: CANARY
              identity: {TOKEN: sts.example.org}
      """;

  @TempDir Path folder;

  private final String value = "c4n4ry-" + UUID.randomUUID();

  @BeforeEach
  void letCoresBeWritten() throws Exception {
    assumeTrue(
        ProcessHandle.current().info().user().filter("root"::equals).isPresent(),
        "only root may look into other processes, and raise limits");
    Cores.assumeTheyAreWrittenBesides();
    Cores.limit("unlimited:unlimited");
  }

  @AfterEach
  void asBefore() throws Exception {
    Cores.limit("0:unlimited");
  }

  @Test
  void whoeverHoldsTheSandboxTheLogsTheDatabaseAndTheDisk_hasNoCredentialOfServerOrAgent()
      throws Exception {
    try (var scene =
        new ForgeScene(
            folder,
            Kind.GITHUB,
            false,
            false,
            Optional.empty(),
            List.of("--public-url", "https://ci.example.org"))) {
      Installation holdfast = scene.holdfast;
      Path file = Files.writeString(folder.resolve("value"), value);
      holdfast
          .cli("secret", "set", "CANARY", "--repository", "app", "--from-file", file.toString())
          .ok();
      scene.forge.push(scene.app, "main", scene.maintainer, Map.of(".holdfast/ci.yaml", WORKFLOW));
      String run = scene.newest().runs().getFirst();
      String attempt = awaitHeld(holdfast, run);

      Map<String, byte[]> own = credentials(scene);
      Hunt hunt = Hunt.forBytes(own);
      Path agents = holdfast.agentData("one").resolve("agent");
      long agent = holdfast.agents().getFirst().pid();

      // The sandbox, from outside and as root. The control: what the job was given is there.
      List<Long> inside = inside(agent);
      var seen = new TreeSet<String>();
      var given = new TreeSet<String>();
      Hunt forGiven = new Hunt(Map.of("secret", value));
      for (long pid : inside) {
        seen.addAll(Memory.of(pid, hunt));
        seen.addAll(Memory.ofStart(pid, hunt));
        given.addAll(Memory.ofStart(pid, forGiven));
        for (String place : List.of("workspace", "tmp", "home", "etc", "run", "dev/shm")) {
          Path below = Path.of("/proc/" + pid + "/root/" + place);
          if (Files.isDirectory(below)) {
            seen.addAll(hunt.in(below));
          }
        }
      }
      assertThat(given).contains("secret");
      assertThat(seen).isEmpty();
      // The control: who is meant to hold them has them in memory, where the same hunt finds them.
      assertThat(Memory.of(agent, hunt)).contains("an agent's token").doesNotContain("master key");
      assertThat(Memory.of(holdfast.server().pid(), hunt))
          .contains("master key", "the forge's token", "a data key of installation");

      // The admin's is shown once, when it is made, and by that one line alone.
      String admins = new String(own.getOrDefault("the admin's token", new byte[0]), UTF_8);
      List<String> printed = holdfast.server().lines();
      assertThat(printed).filteredOn(line -> line.contains(admins)).hasSize(1);
      String said =
          new String(holdfast.log(attempt), UTF_8)
              + holdfast.agents().getFirst().lines()
              + printed.stream().filter(line -> !line.contains(admins)).toList();
      byte[] bytes = said.getBytes(UTF_8);
      assertThat(hunt.inBytes(bytes, bytes.length)).isEmpty();

      holdfast.agents().getFirst().signal("ABRT");
      holdfast.server().signal("ABRT");
      await().atMost(Duration.ofSeconds(30)).until(() -> !holdfast.agents().getFirst().alive());
      await().atMost(Duration.ofSeconds(30)).until(() -> !holdfast.server().alive());
      assertThat(Cores.in(folder)).isEmpty();

      // All of the server's folder: database, write-ahead log, logs, blobs, keys.
      // One of them has a link to it, and is found twice.
      assertThat(new TreeSet<>(hunt.in(holdfast.data())))
          .as("each in the file that is meant to hold it, as which the hunt finds it, and no other")
          .containsExactlyInAnyOrder(
              "the admin's token in admin-token",
              "master key in master.key",
              "the key that approves in Base64 at 0 in approval.key",
              "the key of the audit log in Base64 at 0 in audit.key");
      assertThat(NothingLeftOfSecretsTest.inAgentsFolder(hunt, agents)).isEmpty();
      for (Path area : Cores.swap()) {
        assertThat(hunt.inFile(area)).isEmpty();
      }
      // The control: a copy of the database in which one is not sealed.
      Files.write(
          holdfast.data().resolve("planted"), own.getOrDefault("the issuer's key", new byte[0]));
      assertThat(hunt.in(holdfast.data())).contains("the issuer's key in planted");

      holdfast.restartServer();
      holdfast.cli("cancel", run).ok();
      holdfast.startAgent("one", Backend.NAMESPACES, 1);
      assertThat(Host.traces(holdfast.agentData("one"))).isEmpty();
    }
  }

  private Map<String, byte[]> credentials(ForgeScene scene) throws Exception {
    Path data = scene.holdfast.data();
    byte[] master = Files.readAllBytes(data.resolve("server/keys/master.key"));
    var own = new LinkedHashMap<String, byte[]>();
    own.put("master key", master);
    own.put("the key that approves", secretHalf(data.resolve("server/keys/approval.key")));
    own.put("the key of the audit log", secretHalf(data.resolve("server/keys/audit.key")));
    own.put("the admin's token", text(data.resolve("admin-token")));
    own.put("an agent's token", text(folder.resolve("one.token")));
    own.put("the forge's token", scene.maintainer.token().getBytes(UTF_8));
    own.put("the webhook's secret", scene.webhookSecret.getBytes(UTF_8));
    own.put("the sign-in's client secret", scene.forge.clientSecret().getBytes(UTF_8));
    own.put("a user's token", scene.maintainersToken.getBytes(UTF_8));
    try (var browser = new PlainBrowser(URI.create(scene.server() + "/sign-in"))) {
      browser.send("/sign-in", Map.of("token", scene.maintainersToken));
      List<String> cookies = browser.cookies();
      assertThat(cookies).isNotEmpty();
      for (int i = 0; i < cookies.size(); i++) {
        // Short ones are settings of the page, as its theme.
        if (cookies.get(i).length() >= 16) {
          own.put("a session's cookie " + i, cookies.get(i).getBytes(UTF_8));
        }
      }
    }
    assertThat(own.keySet()).anyMatch(name -> name.startsWith("a session's cookie"));
    sealed(data, master, own);
    return own;
  }

  /** What the database holds sealed, opened by what stands in its documents alone. */
  private static void sealed(Path data, byte[] master, Map<String, byte[]> own) throws Exception {
    String installation = Files.readString(data.resolve("server/keys/installation.id")).strip();
    var keys = new LinkedHashMap<String, byte[]>();
    try (var database =
            DriverManager.getConnection(
                "jdbc:sqlite:" + data.resolve("server/holdfast.db") + "?busy_timeout=10000");
        var statement = database.createStatement()) {
      try (var rows = statement.executeQuery("SELECT id, scope, wrapped FROM data_key")) {
        while (rows.next()) {
          String id = rows.getString(1);
          String scope = rows.getString(2);
          byte[] wrapped = Base64.getDecoder().decode(rows.getString(3).split(":", -1)[2]);
          byte[] key = opened(master, bound(installation, id, "data key", scope), wrapped);
          keys.put(id, key);
          own.put("a data key of " + scope.replaceAll("/.*", ""), key);
        }
      }
      try (var rows = statement.executeQuery("SELECT id, sealed FROM issuer_key")) {
        assertThat(rows.next()).isTrue();
        String[] parts = rows.getString(2).split("\\.", -1);
        byte[] bound =
            bound(installation, parts[1], "text", "issuer_key/" + rows.getString(1) + "/sealed");
        byte[] key = keys.getOrDefault(parts[1], new byte[0]);
        Json jwk = JsonText.parse(opened(key, bound, Base64.getDecoder().decode(parts[2])));
        own.put("the issuer's key", Api.string(jwk, "d").getBytes(US_ASCII));
      }
    }
    assertThat(own).containsKeys("a data key of installation", "a data key of repository");
  }

  private static byte[] bound(String installation, String key, String... parts) {
    var text = new StringBuilder();
    var all = new ArrayList<>(List.of("holdfast sealed 2", installation, key, "" + parts.length));
    all.addAll(Arrays.asList(parts));
    all.forEach(part -> text.append(part.length()).append(':').append(part).append('\n'));
    return text.toString().getBytes(UTF_8);
  }

  private static byte[] opened(byte[] key, byte[] bound, byte[] sealed) throws Exception {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(
        Cipher.DECRYPT_MODE,
        new SecretKeySpec(key, "AES"),
        new GCMParameterSpec(128, Arrays.copyOf(sealed, 12)));
    cipher.updateAAD(bound);
    return cipher.doFinal(sealed, 12, sealed.length - 12);
  }

  private static byte[] text(Path file) throws IOException {
    return Files.readString(file).strip().getBytes(UTF_8);
  }

  private static byte[] secretHalf(Path file) throws IOException {
    return Base64.getDecoder().decode(Files.readAllLines(file).getFirst());
  }

  private static String awaitHeld(Installation holdfast, String run) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> !new Run(holdfast.run(run)).attempts("hold").isEmpty());
    String attempt = new Run(holdfast.run(run)).lastAttempt("hold");
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> new String(holdfast.log(attempt), UTF_8).contains("held\n"));
    return attempt;
  }

  /** The processes below the agent that are in another namespace of processes than it is. */
  private static List<Long> inside(long agent) throws IOException {
    Path own = Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
    var inside = new ArrayList<Long>();
    for (ProcessHandle one : ProcessHandle.of(agent).orElseThrow().descendants().toList()) {
      Path namespace = Path.of("/proc/" + one.pid() + "/ns/pid");
      if (Files.exists(namespace) && !Files.readSymbolicLink(namespace).equals(own)) {
        inside.add(one.pid());
      }
    }
    assertThat(inside).isNotEmpty();
    return inside;
  }
}
