package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.access.Grant;
import dev.holdfast.model.access.Permission;
import dev.holdfast.model.access.Role;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.run.Outcome;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every page and what is done on it, asked for as every role, as nobody, and as agents. */
class PageGateTest {
  /** What each needs. A page that is not here is a page that nobody thought about. */
  private static final String NEEDS =
      """
      GET  /                                 user
      GET  /asset/{file}                     open
      POST /csp-report                       open
      GET  /sign-in                          open
      POST /sign-in                          open
      POST /sign-out                         user
      POST /theme                            open
      GET  /runs                             view somewhere
      GET  /live/runs                        view somewhere
      GET  /runs/{run}                       view in the repository
      GET  /live/runs/{run}                  view in the repository
      POST /runs/{run}/cancel                start-runs in the repository
      POST /runs/{run}/rerun                 start-runs in the repository
      GET  /attempts/{attempt}               view in the repository
      GET  /attempts/{attempt}/lines         view in the repository
      GET  /attempts/{attempt}/search        view in the repository
      GET  /attempts/{attempt}/plain         view in the repository
      GET  /attempts/{attempt}/raw           view in the repository
      GET  /live/attempts/{attempt}          view in the repository
      GET  /holds                            view somewhere
      GET  /holds/{hold}                     view in the repository
      GET  /live/holds/{hold}                view in the repository
      POST /holds/{hold}/approve             approve in the repository
      POST /holds/{hold}/reject              approve in the repository
      POST /holds/{hold}/again               start-runs in the repository
      GET  /agents                           view
      GET  /live/agents                      view
      GET  /egress                           view somewhere
      GET  /repositories/{name}/egress       view in the repository
      GET  /overview                         view somewhere
      GET  /badge/{repository}/{file}        open
      GET  /repositories/{name}/badges       view in the repository
      POST /repositories/{name}/badges       manage-repositories in the repository
      GET  /settings                         user
      GET  /settings/repositories            view somewhere
      GET  /settings/add-repository          manage-repositories
      POST /settings/add-repository          manage-repositories
      GET  /settings/repositories/{name}     view in the repository
      POST /settings/repositories/{name}/check manage-repositories in the repository
      POST /settings/repositories/{name}/webhook manage-repositories in the repository
      POST /settings/repositories/{name}/remove manage-repositories in the repository
      GET  /settings/secrets                 view-secrets in the repository asked for
      POST /settings/secrets                 manage-secrets in the repository asked for
      GET  /settings/secrets/{secret}        view-secrets in the repository asked for
      POST /settings/secrets/{secret}/rollback manage-secrets in the repository asked for
      POST /settings/secrets/{secret}/remove manage-secrets in the repository asked for
      POST /settings/secrets/{secret}/purge  manage-secrets in the repository asked for
      GET  /settings/policy                  view in the repository asked for
      POST /settings/policy                  manage-policy in the repository asked for
      POST /settings/policy/test             manage-policy in the repository asked for
      POST /settings/policy/clear            manage-policy in the repository asked for
      GET  /settings/environments            view in the repository asked for
      POST /settings/environments            manage-environments in the repository asked for
      GET  /settings/environment             view in the repository asked for
      POST /settings/environment             manage-environments in the repository asked for
      POST /settings/environment/lock        manage-environments in the repository asked for
      POST /settings/environment/unlock      manage-environments in the repository asked for
      POST /settings/environment/remove      manage-environments in the repository asked for
      GET  /settings/organisations           view
      GET  /settings/users                   manage-users
      POST /settings/users                   manage-users
      GET  /settings/users/{user}            manage-users
      POST /settings/users/{user}/disable    manage-users
      POST /settings/users/{user}/enable     manage-users
      POST /settings/users/{user}/unlink     manage-users
      GET  /settings/teams                   manage-users
      POST /settings/teams                   manage-users
      GET  /settings/teams/{team}            manage-users
      POST /settings/teams/{team}/join       manage-users
      POST /settings/teams/{team}/leave      manage-users
      POST /settings/teams/{team}/remove     manage-users
      GET  /settings/grants                  manage-users somewhere
      POST /settings/grants                  manage-users somewhere
      POST /settings/grants/revoke           manage-users somewhere
      GET  /settings/tokens                  user
      POST /settings/tokens                  user
      POST /settings/tokens/{id}/revoke      user
      GET  /settings/account                 user
      POST /settings/account/link            user
      POST /settings/account/confirm         user
      GET  /settings/agents                  manage-agents
      POST /settings/agents                  manage-agents
      POST /settings/agents/{id}/revoke      manage-agents
      GET  /settings/audit                   read-audit
      POST /settings/audit/verify            read-audit
      GET  /settings/audit/export            read-audit
      """;

  @TempDir Path data;
  private final HttpClient http =
      HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();

  private static Map<String, String> needs() {
    var out = new TreeMap<String, String>();
    NEEDS
        .lines()
        .forEach(line -> {
          String[] parts = line.split(" +", 3);
          out.put(parts[0] + " " + parts[1], parts[2].strip());
        });
    return out;
  }

  /** Somebody with a session. */
  private record Who(String name, Optional<Grant> grant, String cookie, String csrf) {
    boolean may(Permission permission, Optional<String> where) {
      return Grant.allowed(grant.stream().toList(), permission, where);
    }
  }

  @Test
  void everyPageSaysWhatItNeeds() throws Exception {
    try (var scene = scene()) {
      assertThat(scene.stage.pages()).containsExactlyInAnyOrderEntriesOf(needs());
    }
  }

  private PageScene scene() throws Exception {
    return new PageScene(
        data, PageScene.workflow("build", PageScene.job("compile", List.of(), "c")));
  }

  @Test
  void everyPageLetsThroughWhoHasWhatItNeedsAndNobodyElse() throws Exception {
    try (var scene = scene()) {
      scene.stage.repository("here");
      scene.stage.repository("there");
      var ids = new LinkedHashMap<String, String>();
      for (String name : List.of("here", "there")) {
        String run = scene.stage.run(name, "build");
        var doing = scene.take();
        doing.over(new Outcome.Succeeded());
        ids.put("{run} of " + name, run);
        ids.put("{attempt} of " + name, doing.lease.attempt());
        ids.put("{name} of " + name, name);
        var waits = new CommitId((name.equals("here") ? "a" : "b").repeat(40));
        scene.pullRequest(name, waits, "passer-by", 1);
        ids.put(
            "{hold} of " + name,
            Objects.requireNonNull(scene.stage.holds(name).get(waits.value())));
      }
      String here = scene.admin.get("/api/v1/repositories/here").at("id");
      String there = scene.admin.get("/api/v1/repositories/there").at("id");
      var everybody = new ArrayList<Who>();
      everybody.add(who(scene, "nothing", Optional.empty(), ""));
      for (Role role : Role.values()) {
        everybody.add(
            who(
                scene,
                role.word() + "-everywhere",
                Optional.of(new Grant(role, Optional.empty())),
                ""));
        var inOne = new Grant(role, Optional.of(here));
        if (!inOne.effective().isEmpty()) {
          everybody.add(
              who(scene, role.word() + "-here", Optional.of(inOne), ", \"repository\": \"here\""));
        }
      }
      Who owner =
          everybody.stream()
              .filter(w -> w.name().equals("owner-everywhere"))
              .findFirst()
              .orElseThrow();
      var wrong = new ArrayList<String>();
      for (var route : scene.stage.pages().entrySet()) {
        if (route.getKey().matches("POST /sign-(in|out)")) {
          continue; // SignInPageTest has them: nobody here is to be signed out
        }
        for (Who who : everybody) {
          for (String at : List.of("here", "there")) {
            int status = call(scene, route.getKey(), ids, at, who.cookie(), who.csrf());
            boolean lets =
                lets(route.getValue(), who, Optional.of(at.equals("here") ? here : there));
            if (lets == (status == 403 || status == 401)) {
              wrong.add(who.name() + " " + route.getKey() + " of " + at + ": " + status);
            }
          }
        }
        if (!route.getValue().equals("open") && route.getKey().startsWith("POST")) {
          // The same by who may do everything, as a form of another site: without what ours show.
          for (String csrf : List.of("", everybody.getFirst().csrf())) {
            int status = call(scene, route.getKey(), ids, "here", owner.cookie(), csrf);
            if (status != 403) {
              wrong.add("a form of another site " + route.getKey() + ": " + status);
            }
          }
        }
        if (!route.getValue().equals("open")) {
          int nobody = call(scene, route.getKey(), ids, "here", "", "");
          boolean sent = route.getKey().startsWith("GET") && nobody == 303;
          if (!sent && nobody != 401) {
            wrong.add("nobody " + route.getKey() + ": " + nobody);
          }
          for (String token : List.of(scene.admin.token(), scene.agent.token())) {
            int status = call(scene, route.getKey(), ids, "here", "holdfast-session=" + token, "");
            if (status != 401 && !(route.getKey().startsWith("GET") && status == 303)) {
              wrong.add("a token as a cookie " + route.getKey() + ": " + status);
            }
          }
        }
      }
      assertThat(wrong).isEmpty();
    } finally {
      http.close();
    }
  }

  private static boolean lets(String needs, Who who, Optional<String> repository) {
    String[] words = needs.split(" ", 2);
    return switch (needs) {
      case "open", "user" -> true;
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

  private int call(
      PageScene scene, String route, Map<String, String> ids, String at, String cookie, String csrf)
      throws Exception {
    String[] parts = route.split(" ", 2);
    String path = parts[1];
    for (String part : List.of("{run}", "{attempt}", "{hold}", "{name}")) {
      path = path.replace(part, ids.getOrDefault(part + " of " + at, ""));
    }
    path = path.replaceAll("\\{[a-z]+}", "none");
    if (needs().getOrDefault(route, "").endsWith("asked for")) {
      path += "?repository=" + at;
    }
    String base = "http://127.0.0.1:" + scene.stage.port();
    var request =
        HttpRequest.newBuilder(URI.create(base + path))
            .header("Accept", path.startsWith("/live/") ? "text/event-stream" : "text/html")
            .header("Origin", base)
            .timeout(Duration.ofSeconds(30));
    if (!cookie.isEmpty()) {
      request.header("Cookie", cookie);
    }
    if (parts[0].equals("GET")) {
      request.GET();
    } else {
      request
          .header("Content-Type", "application/x-www-form-urlencoded")
          .POST(HttpRequest.BodyPublishers.ofString("csrf=" + csrf));
    }
    // The head is enough, and all that a stream ever ends with.
    HttpResponse<java.io.InputStream> answer =
        http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    answer.body().close();
    return answer.statusCode();
  }

  private Who who(PageScene scene, String name, Optional<Grant> grant, String where)
      throws Exception {
    PageScene.expect(scene.admin.post("/api/v1/users", "{\"name\": \"" + name + "\"}"), 201);
    if (grant.isPresent()) {
      PageScene.expect(
          scene.admin.post(
              "/api/v1/grants",
              "{\"to\": \""
                  + name
                  + "\", \"what\": \""
                  + grant.get().what().word()
                  + "\""
                  + where
                  + "}"),
          201);
    }
    String token =
        scene
            .admin
            .post("/api/v1/tokens", "{\"name\": \"t\", \"user\": \"" + name + "\"}")
            .at("token");
    String base = "http://127.0.0.1:" + scene.stage.port();
    var signedIn =
        http.send(
            HttpRequest.newBuilder(URI.create(base + "/sign-in"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Origin", base)
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "token=" + URLEncoder.encode(token, StandardCharsets.UTF_8)))
                .build(),
            HttpResponse.BodyHandlers.discarding());
    String cookie = signedIn.headers().firstValue("Set-Cookie").orElseThrow().split(";", 2)[0];
    // Also a page that they may not see has the form by which they sign out.
    var page =
        http.send(
            HttpRequest.newBuilder(URI.create(base + "/runs"))
                .header("Accept", "text/html")
                .header("Cookie", cookie)
                .build(),
            HttpResponse.BodyHandlers.ofString());
    return new Who(name, grant, cookie, HoldScene.field(page.body(), "csrf"));
  }
}
