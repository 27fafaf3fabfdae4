package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.access.Grant;
import dev.holdfast.model.access.Grantable;
import dev.holdfast.model.access.Permission;
import dev.holdfast.model.access.Role;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.trust.Lookup;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every route, called as everybody, over HTTP. */
class GateTest {
  /** What each route needs. A route that is not here is a route that nobody thought about. */
  private static final String NEEDS =
      """
      GET    /healthz                                    open
      GET    /readyz                                     open
      GET    /metrics                                    open
      GET    /api/v1/openapi.json                        open
      POST   /agent/v1/register                          agent
      POST   /agent/v1/leases                            agent
      POST   /agent/v1/events                            agent
      PUT    /agent/v1/attempts/{attempt}/log            agent
      POST   /agent/v1/heartbeat                         agent
      POST   /agent/v1/attempts/{attempt}/secrets        agent
      POST   /agent/v1/steps                             agent
      POST   /agent/v1/probe                             agent
      GET    /agent/v1/attempts/{attempt}/{fence}/source.git/info/refs agent
      POST   /agent/v1/attempts/{attempt}/{fence}/source.git/git-upload-pack agent
      POST   /agent/v1/attempts/{attempt}/kept/find      agent
      POST   /agent/v1/attempts/{attempt}/kept/offer     agent
      PUT    /agent/v1/attempts/{attempt}/kept/uploads/{upload} agent
      POST   /agent/v1/attempts/{attempt}/kept/commit    agent
      GET    /agent/v1/attempts/{attempt}/kept/blobs/{digest} agent
      GET    /api/v1/runs/{run}/artifacts                view in the repository
      GET    /api/v1/runs/{run}/artifacts/{artifact}/content view in the repository
      DELETE /api/v1/runs/{run}/artifacts/{artifact}     manage-repositories in the repository
      GET    /api/v1/repositories/{name}/caches          view in the repository
      DELETE /api/v1/repositories/{name}/caches/{cache}  start-runs in the repository
      GET    /.well-known/openid-configuration           open
      GET    /.well-known/jwks.json                      open
      POST   /agent/v1/attempts/{attempt}/identity       agent
      POST   /agent/v1/attempts/{attempt}/secret-outputs agent
      POST   /api/v1/identity/replace-keys               manage-tokens
      GET    /api/v1/whoami                              user
      GET    /api/v1/tokens                              user
      POST   /api/v1/tokens                              user
      DELETE /api/v1/tokens/{id}                         user
      GET    /api/v1/repositories                        view somewhere
      POST   /api/v1/repositories                        manage-repositories
      POST   /api/v1/forge-repositories                  manage-repositories
      POST   /api/v1/repositories/{name}/webhook-secret  manage-repositories in the repository
      GET    /api/v1/forge-apps                          manage-repositories
      POST   /api/v1/forge-apps                          manage-repositories
      POST   /api/v1/forge-apps/{app}/webhook-secret     manage-repositories
      DELETE /api/v1/forge-apps/{app}                    manage-repositories
      GET    /api/v1/relay                               user
      POST   /api/v1/relay/key                           manage-repositories
      POST   /api/v1/relay/credential                    manage-repositories
      GET    /api/v1/relay/sources                       manage-repositories
      POST   /api/v1/relay/sources/{source}/address      manage-repositories
      PUT    /api/v1/relay/sources/{source}/ranges       manage-repositories
      POST   /hook/{source}                              signature
      GET    /api/v1/repositories/{name}                 view in the repository
      DELETE /api/v1/repositories/{name}                 manage-repositories in the repository
      POST   /api/v1/repositories/{name}/events          start-runs in the repository
      GET    /api/v1/repositories/{name}/events          view in the repository
      GET    /api/v1/repositories/{name}/contacts        view in the repository
      GET    /api/v1/runs                                view somewhere
      GET    /api/v1/runs/{run}                          view in the repository
      GET    /api/v1/runs/{run}/wait                     view in the repository
      POST   /api/v1/runs/{run}/cancel                   start-runs in the repository
      POST   /api/v1/runs/{run}/rerun                    start-runs in the repository
      GET    /api/v1/attempts/{attempt}/log              view in the repository
      GET    /api/v1/attempts/{attempt}/contacts         view in the repository
      GET    /api/v1/holds                               view somewhere
      GET    /api/v1/holds/{hold}                        view in the repository
      POST   /api/v1/holds/{hold}/approve                approve in the repository
      POST   /api/v1/holds/{hold}/reject                 approve in the repository
      POST   /api/v1/holds/{hold}/again                  start-runs in the repository
      GET    /api/v1/policy                              view in the repository asked for
      PUT    /api/v1/policy                              manage-policy in the repository asked for
      DELETE /api/v1/policy                              manage-policy in the repository asked for
      POST   /api/v1/policy/test                         manage-policy in the repository asked for
      GET    /api/v1/environments                        view in the repository asked for
      GET    /api/v1/environment                         view in the repository asked for
      PUT    /api/v1/environment                         manage-environments in the repository asked for
      DELETE /api/v1/environment                         manage-environments in the repository asked for
      PUT    /api/v1/environment/lock                    manage-environments in the repository asked for
      DELETE /api/v1/environment/lock                    manage-environments in the repository asked for
      GET    /api/v1/deployments                         view in the repository asked for
      GET    /api/v1/secrets                             view-secrets in the repository asked for
      POST   /api/v1/secrets                             manage-secrets in the repository asked for
      GET    /api/v1/secrets/{secret}                    view-secrets in the repository asked for
      DELETE /api/v1/secrets/{secret}                    manage-secrets in the repository asked for
      GET    /api/v1/secrets/{secret}/seen-by            view-secrets in the repository asked for
      PUT    /api/v1/secrets/{secret}/reference          manage-secrets
      PUT    /api/v1/secrets/{secret}/use                manage-secrets in the repository asked for
      POST   /api/v1/secrets/{secret}/rollback           manage-secrets in the repository asked for
      POST   /api/v1/secrets/{secret}/purge              manage-secrets in the repository asked for
      GET    /api/v1/master-keys                         manage-keys
      POST   /api/v1/master-keys/rotation                manage-keys
      GET    /api/v1/audit                               read-audit
      GET    /api/v1/agents                              view
      GET    /api/v1/agent-tokens                        manage-agents
      POST   /api/v1/agent-tokens                        manage-agents
      DELETE /api/v1/agent-tokens/{id}                   manage-agents
      GET    /api/v1/users                               manage-users
      POST   /api/v1/users                               manage-users
      POST   /api/v1/users/{user}/disable                manage-users
      POST   /api/v1/users/{user}/enable                 manage-users
      GET    /api/v1/teams                               manage-users
      POST   /api/v1/teams                               manage-users
      DELETE /api/v1/teams/{team}                        manage-users
      PUT    /api/v1/teams/{team}/members/{user}         manage-users
      DELETE /api/v1/teams/{team}/members/{user}         manage-users
      GET    /api/v1/grants                              manage-users somewhere
      POST   /api/v1/grants                              manage-users somewhere
      POST   /api/v1/grants/revoke                       manage-users somewhere
      DELETE /api/v1/identities/{identity}               manage-users
      POST   /api/v1/identities/links                    user
      POST   /api/v1/identities/confirm                  user
      GET    /api/v1/session                             user
      DELETE /api/v1/session                             user
      GET    /login/{forge}                              open
      GET    /login/{forge}/start                        open
      GET    /login/{forge}/callback                     open
      """;

  @TempDir Path data;

  private static Map<String, String> needs() {
    var out = new TreeMap<String, String>();
    NEEDS
        .lines()
        .forEach(line -> {
          String[] parts = line.split(" +", 3);
          out.put(parts[0] + " " + parts[1], parts[2]);
        });
    return out;
  }

  /** What a caller has: nothing at all, or one grant. */
  private record Who(String name, Optional<Grant> grant, Caller caller) {
    boolean may(Permission permission, Optional<String> where) {
      return Grant.allowed(grant.stream().toList(), permission, where);
    }
  }

  @Test
  void everyRouteSaysWhatItNeeds() throws Exception {
    try (Stage stage = new Stage(data, Clock.systemUTC())) {
      assertThat(stage.routes()).containsExactlyInAnyOrderEntriesOf(needs());
    }
  }

  @Test
  void everyRouteLetsThroughWhoHasWhatItNeedsAndNobodyElse() throws Exception {
    try (Stage stage =
        new Stage(
            data,
            Clock.systemUTC(),
            Stage.workflow("ci", Stage.job("build")),
            new Workflow(
                new Name("check"),
                List.of(new Trigger.PullRequest(List.of(), List.of(), List.of())),
                List.of(Stage.job("build"))))) {
      Caller admin = stage.admin();
      Caller agent = stage.agent("agent");
      var registered = agent.register("agent", 1);
      String here = repository(stage, "here");
      String there = repository(stage, "there");
      var ids = new LinkedHashMap<String, String>();
      for (String repository : List.of("here", "there")) {
        String run = stage.run(repository, "ci");
        var lease = agent.lease(registered.agent(), 1, Duration.ofSeconds(30)).getFirst();
        agent.complete(lease, new Outcome.Succeeded());
        ids.put("{run} of " + repository, run);
        ids.put("{attempt} of " + repository, lease.attempt());
        ids.put("{name} of " + repository, repository);
        ids.put("{hold} of " + repository, held(stage, repository.equals("here") ? here : there));
      }
      var wrong = new ArrayList<String>();
      // What lasts for good comes last: those are the ones that remove the repository.
      List<Map.Entry<String, String>> routes =
          stage.routes().entrySet().stream()
              .sorted(
                  java.util.Comparator.comparing(
                      route -> route.getKey().equals("DELETE /api/v1/repositories/{name}")))
              .toList();
      List<Who> everybody = everybody(stage, here);
      for (var route : routes) {
        for (Who who : everybody) {
          for (String at : List.of("here", "there")) {
            boolean removes = route.getKey().equals("DELETE /api/v1/repositories/{name}");
            Optional<String> repository = Optional.of(at.equals("here") ? here : there);
            boolean lets = lets(route.getValue(), who, repository);
            // Whoever may would remove it: that they may is shown by one below.
            if (removes && lets) {
              continue;
            }
            judge(route, who, at, call(who.caller(), route.getKey(), ids, at), lets, wrong);
          }
        }
        nobody(stage, agent, route, ids, wrong);
      }
      assertThat(wrong).isEmpty();
      assertThat(admin.call("DELETE", "/api/v1/repositories/there", new byte[0]).status())
          .isEqualTo(200);
    }
  }

  private static String repository(Stage stage, String name) throws Exception {
    stage.repository(name);
    return stage.admin().get("/api/v1/repositories/" + name).at("id");
  }

  /** What waits since a stranger asked for it from a fork; its id. */
  private static String held(Stage stage, String repository) {
    var stranger = new Contributor("github:forge.example", "666", "stranger");
    stage.deliver(
        new Event(
            "of-" + repository,
            repository,
            Instant.now(),
            Optional.of(stranger),
            new Happening.PullRequest(
                5,
                PullRequestAction.OPENED,
                new RefName("main"),
                ScriptedForge.COMMIT,
                new RefName("topic"),
                new CommitId("2".repeat(40)),
                true)),
        List.of(new Lookup.Known<>(stranger)));
    return Awaitility.await()
        .until(
            () -> {
              var holds =
                  stage.admin().get("/api/v1/holds?repository=" + nameOf(stage, repository));
              return holds.text().contains("hold_") ? holds.at("holds.0.id") : "";
            },
            id -> !id.isEmpty());
  }

  private static String nameOf(Stage stage, String id) throws Exception {
    return stage.admin().get("/api/v1/repositories/here").at("id").equals(id) ? "here" : "there";
  }

  /** A user with nothing, and one for each role and permission, everywhere and in one place. */
  private static List<Who> everybody(Stage stage, String here) throws Exception {
    var out = new ArrayList<Who>();
    out.add(who(stage, "nobody", Optional.empty(), ""));
    var all = new ArrayList<Grantable>(List.of(Role.values()));
    all.addAll(List.of(Permission.values()));
    for (Grantable what : all) {
      out.add(
          who(
              stage,
              what.word() + "-everywhere",
              Optional.of(new Grant(what, Optional.empty())),
              ""));
      var inOne = new Grant(what, Optional.of(here));
      if (!inOne.effective().isEmpty()) {
        out.add(
            who(stage, what.word() + "-here", Optional.of(inOne), ", \"repository\": \"here\""));
      }
    }
    return out;
  }

  private static Who who(Stage stage, String name, Optional<Grant> grant, String where)
      throws Exception {
    Caller admin = stage.admin();
    assertThat(admin.post("/api/v1/users", "{\"name\": \"" + name + "\"}").status()).isEqualTo(201);
    if (grant.isPresent()) {
      var granted =
          admin.post(
              "/api/v1/grants",
              "{\"to\": \""
                  + name
                  + "\", \"what\": \""
                  + grant.get().what().word()
                  + "\""
                  + where
                  + "}");
      assertThat(granted.status()).as(granted.text()).isEqualTo(201);
    }
    String token =
        admin.post("/api/v1/tokens", "{\"name\": \"t\", \"user\": \"" + name + "\"}").at("token");
    return new Who(name, grant, stage.caller(token));
  }

  /** What the table means, worked out apart from the gate. */
  private static boolean lets(String needs, Who who, Optional<String> repository) {
    String[] words = needs.split(" ", 2);
    return switch (needs) {
      case "open", "user" -> true;
      case "agent", "signature" -> false;
      default -> {
        Permission permission = Permission.named(words[0]).orElseThrow();
        yield words.length == 1
            ? who.may(permission, Optional.empty())
            : words[1].equals("somewhere")
                ? who.grant().filter(g -> g.effective().contains(permission)).isPresent()
                : who.may(permission, repository);
      }
    };
  }

  private static Caller.Answer call(Caller caller, String route, Map<String, String> ids, String at)
      throws Exception {
    String path = route.substring(route.indexOf(' ') + 1);
    for (String part : List.of("{run}", "{attempt}", "{name}", "{hold}")) {
      path = path.replace(part, ids.getOrDefault(part + " of " + at, ""));
    }
    // What is in no repository is nothing that there is, so that whoever may changes nothing.
    path = path.replaceAll("\\{[a-z]+}", "none");
    if (path.equals("/api/v1/policy")
        || path.equals("/api/v1/policy/test")
        || path.startsWith("/api/v1/secrets")) {
      path += "?repository=" + at;
    }
    if (path.matches("/api/v1/(environments?|environment/lock|deployments)")) {
      path += "?name=production&repository=" + at;
    }
    if (path.endsWith("/wait")) {
      path += "?timeout=0";
    }
    // Without a body: where one is asked for, that is refused once the gate has let it through.
    return caller.call(route.substring(0, route.indexOf(' ')), path, new byte[0]);
  }

  private static void judge(
      Map.Entry<String, String> route,
      Who who,
      String at,
      Caller.Answer answer,
      boolean lets,
      List<String> wrong) {
    String permission = route.getValue().split(" ", 2)[0];
    boolean refused =
        switch (permission) {
          case "signature" -> answer.status() == 401 && answer.text().contains("signed");
          case "agent" ->
              answer.status() == 403 && answer.text().contains("this needs an agent token");
          default ->
              answer.status() == 403
                  && answer.text().contains("this needs the permission " + permission)
                  && answer.text().contains("; admin, ");
        };
    boolean through = answer.status() != 401 && answer.status() != 403 && answer.status() < 500;
    if (lets ? !through : !refused) {
      wrong.add(
          route
              + " as "
              + who.name()
              + " at "
              + at
              + (lets ? " not let through: " : " let through: ")
              + answer);
    }
  }

  /** Without a token, with a wrong one, and with an agent's. */
  private static void nobody(
      Stage stage,
      Caller agent,
      Map.Entry<String, String> route,
      Map<String, String> ids,
      List<String> wrong)
      throws Exception {
    if (route.getValue().equals("open")) {
      return;
    }
    Caller.Answer unknown = call(stage.caller("hft_unknown"), route.getKey(), ids, "here");
    if (unknown.status() != 401) {
      wrong.add(route + " with an unknown token: " + unknown);
    }
    Caller.Answer agents = call(agent, route.getKey(), ids, "here");
    boolean let = agents.status() != 401 && agents.status() != 403;
    if (!route.getValue().equals("agent") && let) {
      wrong.add(route + " with an agent's token: " + agents);
    }
  }
}
