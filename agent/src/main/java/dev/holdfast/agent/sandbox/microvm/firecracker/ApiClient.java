package dev.holdfast.agent.sandbox.microvm.firecracker;

import dev.holdfast.agent.sandbox.microvm.vmm.VmmFailed;
import dev.holdfast.agent.sandbox.microvm.vsock.TimedSocket;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Quote;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Speaks to one Firecracker by its socket, one connection for each call. What answers may have been
 * taken over by its guest: every answer is bounded in size and time.
 */
record ApiClient(Path socket, String machine) {
  private static final int LONGEST_HEAD = 8 * 1024;
  private static final int LONGEST_BODY = 64 * 1024;
  private static final int LONGEST_FAULT = 500;
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([1-5][0-9]{2})(?: .*)?");

  /**
   * @throws VmmFailed with the monitor's {@code fault_message} if it refuses
   */
  void send(ApiCall call, Duration within) throws VmmFailed, InterruptedException {
    Answer answer = exchange(call, within);
    if (answer.status != 204) {
      throw refused(call, answer);
    }
  }

  FirecrackerVersion version(Duration within) throws VmmFailed, InterruptedException {
    var call = new ApiCall.GetVersion();
    Answer answer = exchange(call, within);
    if (answer.status != 200) {
      throw refused(call, answer);
    }
    return FirecrackerVersion.of(
        text(answer, "firecracker_version")
            .orElseThrow(() -> new VmmFailed(what(call) + " answers no firecracker_version")));
  }

  private VmmFailed refused(ApiCall call, Answer answer) {
    String fault =
        text(answer, "fault_message")
            .map(message -> Quote.of(message, LONGEST_FAULT))
            .orElse("no fault_message");
    return new VmmFailed(
        what(call) + " is refused with " + answer.status + ", firecracker says: " + fault);
  }

  private String what(ApiCall call) {
    return call.method() + " " + call.path() + " of the machine " + machine;
  }

  /** A text at the top of an answer; other fields may be there, of versions to come. */
  private static Optional<String> text(Answer answer, String field) {
    try {
      return JsonText.parse(answer.body) instanceof Json.Obj(var fields)
              && fields.get(field) instanceof Json.Str(var value)
          ? Optional.of(value)
          : Optional.empty();
    } catch (MalformedJson e) {
      return Optional.empty();
    }
  }

  private record Answer(int status, byte[] body) {}

  private Answer exchange(ApiCall call, Duration within) throws VmmFailed, InterruptedException {
    long deadline = System.nanoTime() + within.toNanos();
    try (var connection = TimedSocket.connect(socket, deadline)) {
      connection.write(request(call));
      return answer(connection);
    } catch (SocketTimeoutException e) {
      throw new VmmFailed(
          what(call) + " has no answer within " + within.toMillis() + " ms, at " + socket, e);
    } catch (IOException e) {
      throw new VmmFailed(what(call) + " fails: " + e.getMessage() + ", at " + socket, e);
    }
  }

  private static byte[] request(ApiCall call) {
    byte[] body = call.body().map(JsonText::utf8).orElse(new byte[0]);
    String head =
        call.method()
            + " "
            + call.path()
            + " HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n"
            + (body.length == 0
                ? ""
                : "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n")
            + "\r\n";
    byte[] start = head.getBytes(StandardCharsets.US_ASCII);
    byte[] all = Arrays.copyOf(start, start.length + body.length);
    System.arraycopy(body, 0, all, start.length, body.length);
    return all;
  }

  private static Answer answer(TimedSocket from) throws IOException, InterruptedException {
    var seen = new ByteArrayOutputStream();
    var buffer = new byte[4096];
    int end = -1;
    while (end < 0) {
      more(from, buffer, seen);
      end = seen.toString(StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n");
      if (end < 0 && seen.size() > LONGEST_HEAD) {
        throw new IOException("the answer's head has more than " + LONGEST_HEAD + " bytes");
      }
    }
    String[] head = seen.toString(StandardCharsets.ISO_8859_1).substring(0, end).split("\r\n");
    Matcher status = STATUS.matcher(head[0]);
    if (!status.matches()) {
      throw new IOException("the answer is no HTTP: " + Quote.of(head[0]));
    }
    int start = end + 4;
    int length = length(head);
    while (seen.size() - start < length) {
      more(from, buffer, seen);
    }
    byte[] body = Arrays.copyOfRange(seen.toByteArray(), start, start + length);
    return new Answer(Integer.parseInt(status.group(1)), body);
  }

  private static void more(TimedSocket from, byte[] buffer, ByteArrayOutputStream seen)
      throws IOException, InterruptedException {
    int count = from.read(buffer, 0, buffer.length);
    if (count < 0) {
      throw new EOFException("the monitor hung up before its answer was whole");
    }
    seen.write(buffer, 0, count);
  }

  private static int length(String[] head) throws IOException {
    for (String line : head) {
      int colon = line.indexOf(':');
      if (colon > 0 && line.substring(0, colon).equalsIgnoreCase("content-length")) {
        String value = line.substring(colon + 1).strip();
        if (!value.matches("[0-9]{1,9}") || Integer.parseInt(value) > LONGEST_BODY) {
          throw new IOException("the answer's length is " + Quote.of(value));
        }
        return Integer.parseInt(value);
      }
    }
    return 0;
  }
}
