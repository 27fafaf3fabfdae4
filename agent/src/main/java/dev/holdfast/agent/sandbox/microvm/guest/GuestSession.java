package dev.holdfast.agent.sandbox.microvm.guest;

import dev.holdfast.agent.sandbox.LastWords;
import dev.holdfast.agent.sandbox.microvm.vmm.GuestLine;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One guest, from its greeting to its end. In this order: {@link #ready}; then {@link #time},
 * {@link #start}, {@link #files} and {@link #network}, each at most once, in any order; {@link
 * #close} always. Or {@link #keep} and nothing else.
 *
 * <p>Every word of a guest is taken only where it may come: a second greeting, output before a
 * start, an answer that nobody asked for are the end of it.
 */
public final class GuestSession implements Closeable {
  private static final int PROTOCOL = 2;
  private static final int ENTROPY_BYTES = 64;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final GuestLine line;
  private final DataInputStream in;
  private final DataOutputStream out;
  private final LastWords words = new LastWords();
  private final CompletableFuture<String> bootId = new CompletableFuture<>();
  private final CompletableFuture<Void> kept = new CompletableFuture<>();
  private final CompletableFuture<Void> filesDone = new CompletableFuture<>();
  private final CompletableFuture<Void> networkDone = new CompletableFuture<>();
  private final CompletableFuture<Integer> exited = new CompletableFuture<>();
  private volatile boolean keepSent;
  private volatile boolean started;
  private volatile boolean filesSent;
  private volatile boolean networkSent;
  private volatile boolean outOfMemory;
  private volatile boolean collapsed;
  private volatile @Nullable IOException ended;
  private volatile @Nullable Path channelSocket;
  private @Nullable HostChannel channel;
  private boolean channelOpened;

  public GuestSession(GuestLine line) {
    this.line = line;
    in = new DataInputStream(new BufferedInputStream(line.input(), ToGuest.MOST_PAYLOAD));
    out = new DataOutputStream(new BufferedOutputStream(line.output(), ToGuest.MOST_PAYLOAD));
  }

  /**
   * Waits until the guest may be stopped and kept: it is up, knows nothing that must differ between
   * machines, and waits for whoever speaks to it next.
   */
  public void keep(Duration within) throws GuestFailed, InterruptedException {
    keepSent = true;
    send(ToGuest.KEEP, new byte[0]);
    Thread.ofVirtual().name("guest-line").start(this::listen);
    await(kept, within, "the guest did not come up");
  }

  /**
   * Gives the guest what makes it unlike any other, and waits until it has it.
   *
   * @return the id of its boot
   */
  public String ready(String hostname, Instant now, Duration within)
      throws GuestFailed, InterruptedException {
    byte[] entropy = new byte[ENTROPY_BYTES];
    RANDOM.nextBytes(entropy);
    byte[] machineId = new byte[16];
    RANDOM.nextBytes(machineId);
    byte[] card = new byte[5];
    RANDOM.nextBytes(card);
    String hello =
        """
        protocol %d
        entropy %s
        time %d
        hostname %s
        machine-id %s
        boot-id %s
        card 02:%s
        """
            .formatted(
                PROTOCOL,
                HexFormat.of().formatHex(entropy),
                nanos(now),
                hostname,
                HexFormat.of().formatHex(machineId),
                UUID.randomUUID(),
                HexFormat.ofDelimiter(":").formatHex(card));
    send(ToGuest.HELLO, hello.getBytes(StandardCharsets.US_ASCII));
    Thread.ofVirtual().name("guest-line").start(this::listen);
    return await(bootId, within, "the guest did not come up");
  }

  private static long nanos(Instant now) {
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  /** Sets its clock again, now that it hears at once. */
  public void time(Instant now) throws GuestFailed {
    send(ToGuest.TIME, ("time " + nanos(now) + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  /**
   * Starts the job's first program, as its user, with nothing but this environment.
   *
   * @param channel on this host, where whoever waits for the runner listens
   */
  public void start(
      List<String> command,
      Map<String, String> environment,
      int processes,
      int openFiles,
      Path channel)
      throws GuestFailed {
    channelSocket = channel;
    var text = new StringBuilder();
    text.append(processes).append('\0').append(openFiles).append('\0');
    text.append(command.size()).append('\0');
    command.forEach(word -> text.append(word).append('\0'));
    environment.forEach((name, value) -> text.append(name).append('=').append(value).append('\0'));
    started = true;
    send(ToGuest.START, text.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Gives the job its workspace: what is in {@code tree}. */
  public void files(Path tree, Duration within) throws GuestFailed, InterruptedException {
    filesSent = true;
    try (var stream = new DataOutputStream(new BufferedOutputStream(new Frames(), 60 * 1024))) {
      FileStream.write(tree, stream);
    } catch (IOException e) {
      throw failed("the workspace cannot be handed over", e);
    }
    await(filesDone, within, "the guest did not unpack the workspace");
  }

  /** Switches its network on. */
  public void network(GuestNetwork network, Duration within)
      throws GuestFailed, InterruptedException {
    networkSent = true;
    send(ToGuest.NETWORK, network.lines().getBytes(StandardCharsets.US_ASCII));
    await(networkDone, within, "the guest did not set its network up");
  }

  /** Completes with the exit code of the job's first program; 137 if its machine is gone. */
  public CompletableFuture<Integer> exited() {
    return exited;
  }

  /** Whether the guest went away, or was ended for what it said, before the job's first program. */
  public boolean collapsed() {
    return collapsed;
  }

  /** The end of what it printed: bounded, hostile. */
  public String diagnostics() {
    return words.text();
  }

  /** Whether the guest's kernel ended a process because memory ran out. */
  public boolean outOfMemory() {
    return outOfMemory;
  }

  @Override
  public void close() throws IOException {
    line.close();
  }

  private void send(ToGuest kind, byte[] payload) throws GuestFailed {
    try {
      send(kind, payload, payload.length);
    } catch (IOException e) {
      throw failed("the guest does not listen", e);
    }
  }

  private void send(ToGuest kind, byte[] payload, int length) throws IOException {
    synchronized (out) {
      kind.write(out, payload, length);
    }
  }

  /** What the guest itself said of it comes before what the stream did. */
  private GuestFailed failed(String what, IOException e) {
    IOException first = ended;
    return new GuestFailed(what + ": " + (first == null ? e : first).getMessage(), e);
  }

  private static <T> T await(CompletableFuture<T> future, Duration within, String what)
      throws GuestFailed, InterruptedException {
    try {
      return future.get(within.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new GuestFailed(what + " within " + within.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      String why = e.getCause() == null ? e.toString() : String.valueOf(e.getCause().getMessage());
      throw new GuestFailed(what + ": " + why, e);
    }
  }

  /** Cuts what is written into frames. */
  private final class Frames extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      byte[] part = new byte[Math.min(length, ToGuest.MOST_PAYLOAD)];
      for (int at = 0; at < length; at += part.length) {
        int size = Math.min(length - at, part.length);
        System.arraycopy(bytes, offset + at, part, 0, size);
        send(ToGuest.FILES, part, size);
      }
    }

    @Override
    public void close() throws IOException {
      send(ToGuest.FILES, new byte[0], 0);
    }
  }

  private void listen() {
    IOException end;
    try {
      while (true) {
        take(FromGuest.read(in));
      }
    } catch (EOFException e) {
      end = new EOFException("its machine is gone");
    } catch (IOException e) {
      end = e;
    }
    over(end);
  }

  /** Its machine has ended, which is heard of on the line as well, sooner or later. */
  public void gone() {
    over(new EOFException("its machine is gone"));
  }

  private synchronized void over(IOException end) {
    if (ended != null) {
      return;
    }
    ended = end;
    try {
      line.close();
    } catch (IOException e) {
      end.addSuppressed(e);
    }
    collapsed = !exited.isDone();
    kept.completeExceptionally(end);
    bootId.completeExceptionally(end);
    filesDone.completeExceptionally(end);
    networkDone.completeExceptionally(end);
    HostChannel open = channel;
    if (open != null) {
      open.end();
    }
    if (started) {
      exited.complete(137);
    }
  }

  private void take(FromGuest said) throws IOException {
    switch (said) {
      case FromGuest.Ready(String id) -> require(bootId.complete(id), "a second greeting");
      case FromGuest.Done(FromGuest.Answer to) -> {
        require(asked(to), "an answer to nothing");
        require(done(to).complete(null), "an answer twice");
      }
      case FromGuest.ChannelOpen() -> {
        Path socket = channelSocket;
        require(started && socket != null && !channelOpened, "a channel that cannot be");
        channelOpened = true;
        channel = HostChannel.open(Objects.requireNonNull(socket), this::send);
      }
      case FromGuest.ChannelSaid(byte[] bytes) -> open().say(bytes);
      case FromGuest.ChannelEnded() -> open().end();
      case FromGuest.Diagnostics(byte[] bytes) -> {
        require(started, "output of nothing");
        words.add(bytes, bytes.length);
      }
      case FromGuest.OutOfMemory() -> outOfMemory = true;
      case FromGuest.Exited(int code) -> {
        require(started, "the end of nothing");
        require(exited.complete(code), "a second end");
      }
      case FromGuest.Failed(String why) -> throw new IOException("the guest gives up: " + why);
    }
  }

  private boolean asked(FromGuest.Answer what) {
    return switch (what) {
      case FILES -> filesSent;
      case NETWORK -> networkSent;
      case KEPT -> keepSent;
    };
  }

  private CompletableFuture<Void> done(FromGuest.Answer what) {
    return switch (what) {
      case FILES -> filesDone;
      case NETWORK -> networkDone;
      case KEPT -> kept;
    };
  }

  private HostChannel open() throws IOException {
    HostChannel open = channel;
    if (open == null) {
      throw new IOException("the guest said what it must not: a word on no channel");
    }
    return open;
  }

  private static void require(boolean holds, String what) throws IOException {
    if (!holds) {
      throw new IOException("the guest said what it must not: " + what);
    }
  }
}
