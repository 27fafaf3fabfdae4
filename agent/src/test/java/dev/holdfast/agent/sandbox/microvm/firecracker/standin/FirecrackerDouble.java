package dev.holdfast.agent.sandbox.microvm.firecracker.standin;

import dev.holdfast.agent.sandbox.microvm.firecracker.standin.Fault.Kind;
import dev.holdfast.agent.sandbox.microvm.firecracker.standin.MonitorState.Answer;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.MalformedJson;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Stands in for the program {@code firecracker}: takes its command line, serves its API on its
 * socket, and has a guest that answers on the vsock socket, once it has been up for a moment, by
 * sending back what it is sent. Its root is its working directory, where a real one would have been
 * locked into it.
 */
public final class FirecrackerDouble {
  private static final int GUEST_PORT = 5000;
  private static final long GUEST_STARTS_NANOS = TimeUnit.MILLISECONDS.toNanos(30);

  private final MonitorState state;
  private final Fault fault;
  private final Path journal;
  private boolean guestStarted;

  private FirecrackerDouble(MonitorState state, Fault fault, Path journal) {
    this.state = state;
    this.fault = fault;
    this.journal = journal;
  }

  /**
   * @param arguments description, version, fault and journal of the equipment; then {@code
   *     firecracker}'s own
   */
  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("rehearse")) {
      rehearse(Path.of(arguments[1]));
      return;
    }
    var description =
        new ApiDescription((Json.Obj) JsonText.parse(Files.readAllBytes(Path.of(arguments[0]))));
    var own = List.of(arguments).subList(4, arguments.length);
    var monitor =
        new FirecrackerDouble(
            new MonitorState(description, arguments[1]),
            Fault.parse(arguments[2]),
            Path.of(arguments[3]));
    monitor.note("ARGUMENTS " + String.join(" ", own));
    monitor.serve(socket(own));
  }

  /** Loads what a run needs, for the start-up cache. */
  private static void rehearse(Path description) throws IOException {
    var state =
        new MonitorState(
            new ApiDescription((Json.Obj) JsonText.parse(Files.readAllBytes(description))),
            "1.16.1");
    var monitor = new FirecrackerDouble(state, Fault.none(), Path.of("/dev/null"));
    var out = new ByteArrayOutputStream();
    send(out, monitor.done("GET", "/version", new byte[0]));
    send(
        out,
        monitor.done(
            "PUT",
            "/vsock",
            "{\"guest_cid\":3,\"uds_path\":\"/v\"}".getBytes(StandardCharsets.UTF_8)));
    send(
        out,
        monitor.done(
            "PUT",
            "/actions",
            "{\"action_type\":\"InstanceStart\"}".getBytes(StandardCharsets.UTF_8)));
    try (var listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      System.out.println(listening.isOpen() + " " + out);
    }
  }

  private static Path socket(List<String> own) throws IOException {
    Path socket = Path.of("run/firecracker.socket");
    for (int i = 0; i < own.size(); i += 2) {
      switch (own.get(i)) {
        case "--id", "--level" -> {}
        case "--api-sock" -> socket = MonitorState.inJail(own.get(i + 1));
        default -> throw new IllegalArgumentException("unknown argument " + own.get(i));
      }
    }
    return socket;
  }

  private void serve(Path socket) throws Exception {
    switch (fault.kind()) {
      case NO_SOCKET -> new CountDownLatch(1).await();
      case NO_REAL_SOCKET -> {
        Files.createDirectory(socket);
        new CountDownLatch(1).await();
      }
      case LATE_SOCKET -> TimeUnit.MILLISECONDS.sleep(500);
      case SERIAL_FLOOD -> {
        flood(256 * 1024);
        Thread.ofPlatform().start(() -> flood(Long.MAX_VALUE));
      }
      case STRAY_CHILD ->
          new ProcessBuilder(
                  "/bin/sh", "-c", "trap '' HUP TERM INT; setsid sleep 1000 & setsid sleep 1000")
              .inheritIO()
              .start();
      default -> {}
    }
    try (var listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listening.bind(UnixDomainSocketAddress.of(socket));
      while (true) {
        SocketChannel connection = listening.accept();
        Thread.ofPlatform().start(() -> speak(connection));
      }
    }
  }

  private static void flood(long bytes) {
    byte[] line =
        "[    0.000000] the guest has a lot to say \u001b[2J\n".getBytes(StandardCharsets.UTF_8);
    for (long written = 0; written < bytes; written += line.length) {
      System.out.write(line, 0, line.length);
    }
    System.out.flush();
  }

  private synchronized void note(String line) throws IOException {
    Files.writeString(journal, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private void speak(SocketChannel connection) {
    try (connection;
        var in = new DataInputStream(Channels.newInputStream(connection));
        var out = Channels.newOutputStream(connection)) {
      for (String first = line(in); !first.isEmpty(); first = line(in)) {
        String[] words = first.split(" ");
        int length = 0;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
          String lower = header.toLowerCase(Locale.ROOT);
          if (lower.startsWith("content-length:")) {
            length = Integer.parseInt(lower.substring(15).strip());
          }
        }
        byte[] body = in.readNBytes(length);
        answer(words[0], words[1], body, out);
      }
    } catch (IOException e) {
      // The other side went: it has had enough.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void answer(String method, String path, byte[] body, OutputStream out)
      throws IOException, InterruptedException {
    String request = method + " " + path;
    note(request + " " + new String(body, StandardCharsets.UTF_8));
    if (fault.hits(Kind.REFUSE, request)) {
      send(out, Answer.refused("refused to see what becomes of it \u001b[31m"));
    } else if (fault.hits(Kind.DIE, request)) {
      System.out.println("fatal: the monitor has an accident");
      System.out.flush();
      Runtime.getRuntime().halt(148);
    } else if (fault.hits(Kind.HANG, request)) {
      new CountDownLatch(1).await();
    } else if (fault.hits(Kind.GARBAGE, request)) {
      out.write("SSH-2.0-OpenSSH_9.2\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    } else if (fault.hits(Kind.HUGE, request)) {
      out.write(
          "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"
              .getBytes(StandardCharsets.US_ASCII));
    } else if (fault.hits(Kind.ENDLESS_HEAD, request)) {
      out.write("HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII));
      while (true) {
        out.write("X-More: and more\r\n".getBytes(StandardCharsets.US_ASCII));
      }
    } else {
      Answer answer = done(method, path, body);
      send(out, answer);
      if (fault.hits(Kind.DIE_AFTER, request)) {
        System.out.println("panic: the guest has an accident");
        System.out.flush();
        Runtime.getRuntime().halt(1);
      }
    }
  }

  private Answer done(String method, String path, byte[] body) throws IOException {
    Optional<Json> json;
    try {
      json = body.length == 0 ? Optional.empty() : Optional.of(JsonText.parse(body));
    } catch (MalformedJson e) {
      return Answer.refused("the body is no JSON");
    }
    Answer answer = state.take(method, path, json);
    if (answer.status() == 204
        && fault.kind() == Kind.SNAPSHOT_LINK
        && path.equals("/snapshot/create")) {
      Files.delete(Path.of("memory"));
      Files.createSymbolicLink(Path.of("memory"), Path.of("/etc/shadow"));
    }
    if (!guestStarted && state.listens().isPresent()) {
      guestStarted = true;
      guest(MonitorState.inJail(state.listens().get()));
    }
    return answer;
  }

  private static void send(OutputStream out, Answer answer) throws IOException {
    byte[] body = answer.json().map(JsonText::utf8).orElse(new byte[0]);
    String head =
        "HTTP/1.1 "
            + answer.status()
            + " \r\nServer: Firecracker API\r\nConnection: keep-alive\r\n"
            + (body.length == 0
                ? ""
                : "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n")
            + "\r\n";
    var all = new ByteArrayOutputStream();
    all.write(head.getBytes(StandardCharsets.US_ASCII));
    all.write(body);
    out.write(all.toByteArray());
  }

  private void guest(Path socket) throws IOException {
    System.out.println("Linux version 0.0 (stand-in)");
    System.out.flush();
    if (fault.kind() == Kind.NO_GUEST) {
      return;
    }
    if (fault.kind() == Kind.GUEST_LINK) {
      Files.createSymbolicLink(socket, Path.of("api"));
      return;
    }
    long up = System.nanoTime() + GUEST_STARTS_NANOS;
    var listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listening.bind(UnixDomainSocketAddress.of(socket));
    Thread.ofPlatform()
        .start(() -> {
          try (listening) {
            while (true) {
              SocketChannel connection = listening.accept();
              boolean listens = System.nanoTime() > up;
              Thread.ofPlatform().start(() -> guest(connection, listens));
            }
          } catch (IOException e) {
            System.out.println("the guest's socket broke: " + e.getMessage());
          }
        });
  }

  private void guest(SocketChannel connection, boolean listens) {
    try (connection;
        InputStream in = Channels.newInputStream(connection);
        OutputStream out = Channels.newOutputStream(connection)) {
      String asked = line(in);
      if (!listens || !asked.equals("CONNECT " + GUEST_PORT)) {
        return;
      }
      switch (fault.kind()) {
        case GUEST_HANGS_UP -> {}
        case GUEST_CUT_OFF -> ascii(out, "OK 10");
        case GUEST_RUBBISH -> ascii(out, "SORRY \u0007no\n");
        case GUEST_ENDLESS -> {
          while (true) {
            ascii(out, "OK 1111");
          }
        }
        case GUEST_SILENT -> new CountDownLatch(1).await();
        default -> {
          ascii(out, "OK 1073741824\n");
          in.transferTo(out);
        }
      }
    } catch (IOException e) {
      // The host went.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void ascii(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  /** Without its end; empty at the end of all. */
  private static String line(InputStream in) throws IOException {
    var line = new ByteArrayOutputStream();
    for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
      line.write(b);
    }
    return line.toString(StandardCharsets.UTF_8).strip();
  }
}
