package dev.holdfast.agent.sandbox.microvm.vsock;

import dev.holdfast.agent.sandbox.microvm.vmm.GuestLine;
import dev.holdfast.agent.sandbox.microvm.vmm.VmmFailed;
import dev.holdfast.model.json.Quote;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Calls a guest on one of its vsock ports, by a monitor's Unix socket: {@code CONNECT 5000\n}
 * there, {@code OK 1073741824\n} back, and from then on the guest's bytes. The number is the host's
 * end of it, which the monitor chose and nobody needs. Firecracker speaks so, and
 * vhost-device-vsock.
 */
public final class VsockDial {
  /** Longer than any {@code OK} with a number of 32 bits. */
  private static final int LONGEST_ANSWER = 32;

  private static final Pattern ANSWER = Pattern.compile("OK [0-9]{1,10}");

  /** Of one try; a guest whose driver was not there yet may never answer that one. */
  private static final long TRY_NANOS = TimeUnit.SECONDS.toNanos(3);

  private static final long LONGEST_PAUSE_MILLIS = 50;

  private VsockDial() {}

  /**
   * The stream, once the guest listens. Until then a monitor just hangs up, so this tries again.
   *
   * @param gone in words, how the machine ended, once it has
   * @throws VmmFailed if that is not so {@code within}, the machine ends before, or what answers
   *     does not speak this protocol
   */
  public static GuestLine dial(
      Path socket, int port, Duration within, Supplier<Optional<String>> gone)
      throws VmmFailed, InterruptedException {
    long deadline = System.nanoTime() + within.toNanos();
    long pause = 1;
    String last = "not tried";
    while (System.nanoTime() < deadline) {
      Optional<String> end = gone.get();
      if (end.isPresent()) {
        throw new VmmFailed("the guest cannot be called on vsock port " + port + ": " + end.get());
      }
      switch (tryOnce(socket, port, Math.min(deadline, System.nanoTime() + TRY_NANOS))) {
        case Tried.Connected(SocketChannel channel) -> {
          return new Line(channel);
        }
        case Tried.NotYet(String why) -> last = why;
      }
      TimeUnit.MILLISECONDS.sleep(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
    }
    throw new VmmFailed(
        "the guest does not answer on vsock port "
            + port
            + " within "
            + within.toMillis()
            + " ms, at "
            + socket
            + ": "
            + last
            + "; its console says how far it came");
  }

  private sealed interface Tried {
    record Connected(SocketChannel channel) implements Tried {}

    record NotYet(String why) implements Tried {}
  }

  private static Tried tryOnce(Path socket, int port, long deadline)
      throws VmmFailed, InterruptedException {
    var line = new byte[LONGEST_ANSWER];
    int length = 0;
    try {
      TimedSocket timed = TimedSocket.connect(socket, deadline);
      boolean keep = false;
      try {
        timed.write(("CONNECT " + port + "\n").getBytes(StandardCharsets.US_ASCII));
        // Byte by byte: what follows the line is the guest's.
        while (length < line.length && timed.read(line, length, 1) > 0) {
          if (line[length] == '\n') {
            String answer = new String(line, 0, length, StandardCharsets.ISO_8859_1);
            if (ANSWER.matcher(answer).matches()) {
              keep = true;
              return new Tried.Connected(timed.release());
            }
            throw new VmmFailed(rubbish(socket, port, line, length));
          }
          length++;
        }
      } finally {
        if (!keep) {
          timed.close();
        }
      }
      if (length == line.length) {
        throw new VmmFailed(rubbish(socket, port, line, length));
      }
    } catch (NoSuchFileException e) {
      return new Tried.NotYet("there is no such socket");
    } catch (SocketTimeoutException e) {
      return new Tried.NotYet("it was called and said nothing" + after(line, length));
    } catch (IOException e) {
      return new Tried.NotYet(String.valueOf(e.getMessage()));
    }
    return new Tried.NotYet(
        length == 0
            ? "it hangs up, so nothing in the guest listens"
            : "it hangs up" + after(line, length));
  }

  private static String after(byte[] line, int length) {
    return length == 0
        ? ""
        : " after " + Quote.of(new String(line, 0, length, StandardCharsets.ISO_8859_1));
  }

  private static String rubbish(Path socket, int port, byte[] line, int length) {
    return "what listens at "
        + socket
        + " answered CONNECT "
        + port
        + " with "
        + Quote.of(new String(line, 0, length, StandardCharsets.ISO_8859_1))
        + " in place of OK and a number; is it the monitor's vsock socket?";
  }

  private record Line(SocketChannel channel, InputStream input, OutputStream output)
      implements GuestLine {
    Line(SocketChannel channel) {
      this(channel, Channels.newInputStream(channel), Channels.newOutputStream(channel));
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
