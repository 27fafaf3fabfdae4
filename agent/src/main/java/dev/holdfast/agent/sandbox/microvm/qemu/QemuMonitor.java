package dev.holdfast.agent.sandbox.microvm.qemu;

import dev.holdfast.agent.sandbox.microvm.vsock.TimedSocket;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Quote;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Speaks with a QEMU by its machine protocol. Only machines that are to be kept have that, and
 * these have no job: no program of a guest is ever beside it.
 */
final class QemuMonitor implements Closeable {
  private static final int LONGEST_ANSWER = 64 * 1024;

  /** Answers come between events, of which this has few. */
  private static final int MOST_EVENTS = 100;

  /** In bytes a second: as fast as it goes, since nobody else uses that way. */
  private static final long NO_LIMIT = 1L << 40;

  private final TimedSocket socket;
  private final long deadline;

  private QemuMonitor(TimedSocket socket, long deadline) {
    this.socket = socket;
    this.deadline = deadline;
  }

  /**
   * @param deadline by {@link System#nanoTime}, of all that is said
   */
  static QemuMonitor open(Path socket, long deadline) throws IOException, InterruptedException {
    var monitor = new QemuMonitor(TimedSocket.connect(socket, deadline), deadline);
    try {
      monitor.line();
      monitor.tell("qmp_capabilities", Map.of());
      return monitor;
    } catch (IOException | InterruptedException e) {
      monitor.close();
      throw e;
    }
  }

  /**
   * Has it send its whole state to who listens at {@code socket}, by its own path. The machine runs
   * until all but the last of that is sent, and no more from then on; one that was stopped before
   * would be stopped still where it is restored.
   */
  void send(String socket) throws IOException, InterruptedException {
    tell("migrate-set-parameters", Map.of("max-bandwidth", Json.Num.of(NO_LIMIT)));
    tell("migrate", Map.of("uri", new Json.Str("unix:" + socket)));
  }

  /** Waits until it says that it has sent all of it. */
  void awaitSent() throws IOException, InterruptedException {
    while (true) {
      Json.Obj said = tell("query-migrate", Map.of());
      String status = text(said, "status").orElse("nothing");
      switch (status) {
        case "completed" -> {
          return;
        }
        case "setup", "active", "device" -> TimeUnit.MILLISECONDS.sleep(2);
        default ->
            throw new IOException(
                "QEMU cannot send its machine's state: "
                    + Quote.of(status)
                    + text(said, "error-desc").map(why -> ", " + Quote.of(why)).orElse(""));
      }
      if (System.nanoTime() > deadline) {
        throw new IOException("QEMU does not say that it has sent its machine's state");
      }
    }
  }

  private Json.Obj tell(String what, Map<String, Json> arguments)
      throws IOException, InterruptedException {
    var command = new LinkedHashMap<String, Json>();
    command.put("execute", new Json.Str(what));
    if (!arguments.isEmpty()) {
      command.put("arguments", Json.Obj.of(arguments));
    }
    String text = JsonText.compact(Json.Obj.of(command)) + "\n";
    socket.write(text.getBytes(StandardCharsets.UTF_8));
    for (int i = 0; i < MOST_EVENTS; i++) {
      Json.Obj said = line();
      if (said.fields().get("return") instanceof Json.Obj answer) {
        return answer;
      }
      if (said.fields().get("error") instanceof Json.Obj error) {
        throw new IOException(
            "QEMU refuses " + what + ": " + Quote.of(text(error, "desc").orElse("without a word")));
      }
    }
    throw new IOException("QEMU does not answer " + what);
  }

  private static Optional<String> text(Json.Obj in, String field) {
    return in.fields().get(field) instanceof Json.Str(String text)
        ? Optional.of(text)
        : Optional.empty();
  }

  private Json.Obj line() throws IOException, InterruptedException {
    var text = new ByteArrayOutputStream();
    byte[] one = new byte[1];
    while (socket.read(one, 0, 1) > 0) {
      if (one[0] == '\n') {
        try {
          if (JsonText.parse(text.toByteArray()) instanceof Json.Obj said) {
            return said;
          }
        } catch (MalformedJson e) {
          throw new IOException("QEMU says what is no JSON: " + e.getMessage(), e);
        }
        throw new IOException("QEMU says what is no object");
      }
      text.write(one[0]);
      if (text.size() > LONGEST_ANSWER) {
        throw new IOException("QEMU says more than " + LONGEST_ANSWER + " bytes at once");
      }
    }
    throw new IOException("QEMU has closed its monitor");
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
