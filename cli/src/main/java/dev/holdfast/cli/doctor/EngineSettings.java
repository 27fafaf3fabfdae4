package dev.holdfast.cli.doctor;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How a container engine is set up, by its answer to {@code /info}. */
final class EngineSettings {
  private EngineSettings() {}

  /** Whether root in a container is nobody's number on the host. */
  static boolean mapsUsers(Json info) {
    String security = security(info);
    return security.contains("name=rootless") || security.contains("name=userns");
  }

  static List<Finding> examine(Json info) {
    var findings = new ArrayList<Finding>();
    String security = security(info);
    findings.add(
        security.contains("name=seccomp") && !security.contains("profile=unconfined")
            ? Finding.ok("engine seccomp", "containers have a filter of system calls")
            : Finding.weak(
                "engine seccomp",
                "the engine filters no system calls, so agents refuse it",
                "remove \"seccomp-profile\": \"unconfined\" from /etc/docker/daemon.json"));
    String storage = text(info, "Driver").orElse("unknown");
    findings.add(
        storage.equals("vfs")
            ? Finding.weak(
                "engine storage",
                "vfs copies a whole image for each container",
                "set \"storage-driver\": \"overlay2\" in /etc/docker/daemon.json")
            : Finding.ok("engine storage", storage));
    String cgroups = text(info, "CgroupDriver").orElse("unknown");
    findings.add(
        cgroups.equals("none")
            ? Finding.weak(
                "engine cgroups",
                "the engine cannot limit containers",
                "delegate cgroup2 to its user: systemd's Delegate=yes")
            : Finding.ok(
                "engine cgroups",
                cgroups + text(info, "CgroupVersion").map(v -> ", v" + v).orElse("")));
    boolean lives =
        field(info, "LiveRestoreEnabled")
            .filter(v -> v instanceof Json.Bool(boolean on) && on)
            .isPresent();
    findings.add(
        Finding.ok(
            "engine restart",
            lives
                ? "containers outlive a restart of the engine (live-restore)"
                : "a restart of the engine ends its containers, and so the jobs in them"));
    return findings;
  }

  private static String security(Json info) {
    return field(info, "SecurityOptions").map(JsonText::compact).orElse("");
  }

  static Optional<Json> field(Json json, String name) {
    return json instanceof Json.Obj(var fields)
        ? Optional.ofNullable(fields.get(name))
        : Optional.empty();
  }

  static Optional<String> text(Json json, String... path) {
    Optional<Json> at = Optional.of(json);
    for (String name : path) {
      at = at.flatMap(j -> field(j, name));
    }
    return at.filter(Json.Str.class::isInstance)
        .map(j -> ((Json.Str) j).value())
        .filter(v -> !v.isEmpty());
  }
}
