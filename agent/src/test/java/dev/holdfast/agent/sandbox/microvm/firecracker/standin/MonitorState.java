package dev.holdfast.agent.sandbox.microvm.firecracker.standin;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a monitor may be asked when: nothing is set up once it runs, a snapshot is loaded only where
 * nothing was set up, one is made only of a machine that stands still. And what it looks at on its
 * host: files that it must be able to open as its own user, and a tap in its own network.
 *
 * <p>Paths are those of a jail whose root is this process's working directory.
 */
final class MonitorState {
  private enum State {
    NOT_STARTED,
    RUNNING,
    PAUSED
  }

  /** What the API took on, and when; asked of the same description it would all be there. */
  private static final Map<String, Integer> SINCE =
      Map.of(
          "/serial", 14,
          "/serial rate_limiter", 16,
          "/snapshot/load network_overrides", 12,
          "/snapshot/load vsock_override", 16,
          "/snapshot/load clock_realtime", 16,
          "/snapshot/load huge_pages", 17);

  private static final long MIB = 1024 * 1024;

  private final ApiDescription description;
  private final String version;
  private State state = State.NOT_STARTED;
  private boolean boots;
  private final Map<String, Json> set = new LinkedHashMap<>();

  MonitorState(ApiDescription description, String version) {
    this.description = description;
    this.version = version;
  }

  /**
   * @param json empty where there is nothing to say
   */
  record Answer(int status, Optional<Json> json) {
    static final Answer DONE = new Answer(204, Optional.empty());

    static Answer refused(String fault) {
      return new Answer(
          400, Optional.of(Json.Obj.of(Map.of("fault_message", new Json.Str(fault)))));
    }
  }

  /** The path of the vsock socket once the machine runs. */
  Optional<String> listens() {
    return state != State.NOT_STARTED && set.get("/vsock") instanceof Json.Obj vsock
        ? Optional.of(text(vsock, "uds_path"))
        : Optional.empty();
  }

  Answer take(String method, String path, Optional<Json> body) {
    Optional<String> fault = description.fault(method, path, body).or(() -> notYet(path, body));
    if (fault.isPresent()) {
      return Answer.refused(fault.get());
    }
    try {
      return allowed(method + " " + path, path, body.orElse(new Json.Obj(new LinkedHashMap<>())));
    } catch (IOException e) {
      return Answer.refused(e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }

  private Optional<String> notYet(String path, Optional<Json> body) {
    int minor = Integer.parseInt(version.split("\\.")[1]);
    if (SINCE.getOrDefault(path, 0) > minor) {
      return Optional.of("Invalid request method and/or path: " + path);
    }
    return body.stream()
        .flatMap(json -> ((Json.Obj) json).fields().keySet().stream())
        .filter(field -> SINCE.getOrDefault(path + " " + field, 0) > minor)
        .findFirst()
        .map(field -> "unknown field `" + field + "`");
  }

  private Answer allowed(String request, String path, Json body) throws IOException {
    var given = (Json.Obj) body;
    return switch (request) {
      case "GET /version" ->
          new Answer(
              200, Optional.of(Json.Obj.of(Map.of("firecracker_version", new Json.Str(version)))));
      case "PUT /actions" -> act(text(given, "action_type"));
      case "PATCH /vm" -> {
        if (state == State.NOT_STARTED) {
          yield Answer.refused(
              "The requested operation is not supported before starting the microVM.");
        }
        state = text(given, "state").equals("Paused") ? State.PAUSED : State.RUNNING;
        yield Answer.DONE;
      }
      case "PUT /snapshot/create" -> create(given);
      case "PUT /snapshot/load" -> load(given);
      case "PUT /serial", "PUT /logger" -> before(path, given, false);
      default -> {
        if (!request.startsWith("PUT ")) {
          yield Answer.refused("this stand-in does not do " + request);
        }
        yield before(path, given, true);
      }
    };
  }

  private Answer before(String path, Json.Obj given, boolean setsUp) throws IOException {
    if (state != State.NOT_STARTED) {
      return Answer.refused("The requested operation is not supported after starting the microVM.");
    }
    if (path.equals("/boot-source")) {
      readable(text(given, "kernel_image_path"));
      if (given.fields().containsKey("initrd_path")) {
        readable(text(given, "initrd_path"));
      }
    }
    if (path.startsWith("/drives/")) {
      drive(given);
    }
    if (path.startsWith("/network-interfaces/")) {
      tap(text(given, "host_dev_name"));
    }
    boots |= setsUp;
    set.put(path, given);
    return Answer.DONE;
  }

  private Answer act(String action) {
    if (!action.equals("InstanceStart")) {
      return Answer.refused("this stand-in does not do " + action);
    }
    if (state != State.NOT_STARTED) {
      return Answer.refused("The requested operation is not supported after starting the microVM.");
    }
    if (!set.containsKey("/boot-source")) {
      return Answer.refused("Cannot start microvm without kernel configuration.");
    }
    state = State.RUNNING;
    return Answer.DONE;
  }

  private Answer create(Json.Obj given) throws IOException {
    if (state != State.PAUSED) {
      return Answer.refused("The microVM must be paused to be kept.");
    }
    if (!(set.get("/machine-config") instanceof Json.Obj machine)
        || !(machine.fields().get("mem_size_mib") instanceof Json.Num mib)) {
      return Answer.refused("no memory was set up");
    }
    try (var memory = new RandomAccessFile(inJail(text(given, "mem_file_path")).toFile(), "rw")) {
      memory.write("guest".getBytes(StandardCharsets.UTF_8));
      memory.setLength(Long.parseLong(mib.literal()) * MIB);
    }
    set.put("version", new Json.Str(version));
    Files.write(inJail(text(given, "snapshot_path")), JsonText.utf8(Json.Obj.of(set)));
    return Answer.DONE;
  }

  private Answer load(Json.Obj given) throws IOException {
    if (state != State.NOT_STARTED || boots) {
      return Answer.refused(
          "Loading a microVM snapshot not allowed after configuring boot-specific resources.");
    }
    if (!(given.fields().get("mem_backend") instanceof Json.Obj backend)) {
      return Answer.refused("no mem_backend");
    }
    readable(text(backend, "backend_path"));
    var kept = (Json.Obj) JsonText.parse(Files.readAllBytes(inJail(text(given, "snapshot_path"))));
    if (!text(kept, "version").equals(version)) {
      return Answer.refused("the snapshot is of version " + text(kept, "version"));
    }
    for (Map.Entry<String, Json> each : kept.fields().entrySet()) {
      if (each.getKey().startsWith("/drives/")) {
        drive((Json.Obj) each.getValue());
      }
      if (each.getKey().startsWith("/network-interfaces/")) {
        tap(override(given).orElse(text((Json.Obj) each.getValue(), "host_dev_name")));
      }
    }
    set.putAll(kept.fields());
    boolean goesOn = given.fields().get("resume_vm") instanceof Json.Bool(var yes) && yes;
    state = goesOn ? State.RUNNING : State.PAUSED;
    return Answer.DONE;
  }

  private static Optional<String> override(Json.Obj given) {
    return given.fields().get("network_overrides") instanceof Json.Arr(var all) && !all.isEmpty()
        ? Optional.of(text((Json.Obj) all.getFirst(), "host_dev_name"))
        : Optional.empty();
  }

  private static void drive(Json.Obj drive) throws IOException {
    boolean readOnly = drive.fields().get("is_read_only") instanceof Json.Bool(var value) && value;
    try (var file =
        new RandomAccessFile(inJail(text(drive, "path_on_host")).toFile(), readOnly ? "r" : "rw")) {
      file.length();
    }
  }

  private static void readable(String path) throws IOException {
    try (var in = Files.newInputStream(inJail(path))) {
      in.read();
    }
  }

  /** In this process's own network, as the kernel says. */
  private static void tap(String name) throws IOException {
    List<String> devices = Files.readAllLines(Path.of("/proc/thread-self/net/dev"));
    if (devices.stream().noneMatch(line -> line.strip().startsWith(name + ":"))) {
      throw new IOException("Open tap device failed: no interface " + name + " in this network");
    }
  }

  static Path inJail(String path) throws IOException {
    if (!path.startsWith("/") || path.contains("..")) {
      throw new IOException(path + " is no path in a jail");
    }
    return Path.of(path.substring(1));
  }

  private static String text(Json.Obj in, String name) {
    if (in.fields().get(name) instanceof Json.Str(var value)) {
      return value;
    }
    throw new IllegalStateException("no text " + name);
  }
}
