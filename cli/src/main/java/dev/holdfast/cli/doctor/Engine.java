package dev.holdfast.cli.doctor;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.MalformedJson;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks a container engine who it is, by the Docker API on its socket. */
final class Engine {
  private static final int MOST_BYTES = 1024 * 1024;

  private Engine() {}

  /** Where an engine may listen, the likeliest first. */
  static List<Path> sockets(Map<String, String> env) {
    String host = env.getOrDefault("DOCKER_HOST", "");
    if (host.startsWith("unix://")) {
      return List.of(Path.of(host.substring("unix://".length())));
    }
    var sockets = new ArrayList<Path>();
    sockets.add(Path.of("/var/run/docker.sock"));
    String runtime = env.getOrDefault("XDG_RUNTIME_DIR", "");
    if (!runtime.isEmpty()) {
      sockets.add(Path.of(runtime, "docker.sock"));
      sockets.add(Path.of(runtime, "podman/podman.sock"));
    }
    sockets.add(Path.of("/run/podman/podman.sock"));
    return sockets;
  }

  /**
   * @param info the engine's answer to {@code /info}; empty if it did not answer
   */
  record Asked(Finding finding, Optional<Json> info) {
    static Asked none(Finding finding) {
      return new Asked(finding, Optional.empty());
    }
  }

  static Asked find(Map<String, String> env) {
    List<Path> there = sockets(env).stream().filter(Files::exists).toList();
    if (there.isEmpty()) {
      return missing(
          "container engine",
          "no engine's socket at " + sockets(env).getFirst(),
          "install docker.io, or name its socket by DOCKER_HOST=unix:///PATH");
    }
    Path socket = there.getFirst();
    try {
      Json info = get(socket, "/info");
      return new Asked(answered(socket, get(socket, "/version"), info), Optional.of(info));
    } catch (java.net.SocketException e) {
      boolean denied = String.valueOf(e.getMessage()).contains("ermission");
      return missing(
          "container engine",
          socket + (denied ? " does not let you in" : " is there, but nothing answers"),
          denied
              ? "run the agent as a user who may use the engine; such a user is as mighty as root"
              : "start the engine: systemctl start docker");
    } catch (IOException | MalformedJson e) {
      return missing(
          "container engine",
          socket + " answers what cannot be read: " + e.getMessage(),
          "check what listens there");
    }
  }

  private static Asked missing(String subject, String says, String mend) {
    return Asked.none(Finding.missing(subject, says, mend));
  }

  private static Finding answered(Path socket, Json version, Json info) {
    String name =
        EngineSettings.text(version, "Platform", "Name")
            .or(() -> EngineSettings.text(version, "Version").map(v -> "engine"))
            .orElse("engine");
    String says =
        name + " " + EngineSettings.text(version, "Version").orElse("?") + " at " + socket;
    if (EngineSettings.mapsUsers(info)) {
      return Finding.ok("container engine", says);
    }
    return Finding.weak(
        "container engine",
        says + ", root in a container is root's number on the host",
        "set \"userns-remap\": \"default\" in /etc/docker/daemon.json, or run it rootless");
  }

  /** One request on a connection of its own, HTTP/1.0, so that the answer ends with it. */
  private static Json get(Path socket, String path) throws IOException {
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.write(
          ByteBuffer.wrap(
              ("GET " + path + " HTTP/1.0\r\nHost: engine\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII)));
      byte[] all = Channels.newInputStream(channel).readNBytes(MOST_BYTES);
      String answer = new String(all, StandardCharsets.UTF_8);
      int body = answer.indexOf("\r\n\r\n");
      if (!answer.startsWith("HTTP/1.") || body < 0 || !answer.startsWith(" 200", 8)) {
        throw new IOException(answer.lines().findFirst().orElse("nothing"));
      }
      return JsonText.parse(answer.substring(body + 4));
    }
  }
}
