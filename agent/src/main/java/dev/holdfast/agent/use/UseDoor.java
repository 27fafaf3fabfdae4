package dev.holdfast.agent.use;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the processes of one job meet the agent to use one secret, for as long as one step runs.
 * Three things keep others out: the filter lets this job alone to this port, whoever comes from
 * another address is not listened to, and the path begins with a word that only the step was told.
 * Thread-safe.
 */
final class UseDoor {
  private static final Logger LOG = LoggerFactory.getLogger(UseDoor.class);

  /** At once; further ones are closed unheard. */
  static final int MOST_AT_ONCE = 16;

  private static final int BACKLOG = 50;
  private static final int QUIET_MILLIS = 60_000;
  private static final int LONGEST_MINUTES = 15;
  private static final int END_SECONDS = 10;
  private static final int WORD_BYTES = 16;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final String attempt;
  private final Usable usable;
  private final Doorway doorway;
  private final ScheduledExecutorService timer;
  private final ServerSocket listener;
  private final Exchange exchange;
  private final Semaphore places = new Semaphore(MOST_AT_ONCE);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Set<Socket> sockets = new HashSet<>();
  private boolean closed;

  private UseDoor(
      String attempt,
      Usable usable,
      Doorway doorway,
      Exchange.OnRecord record,
      ScheduledExecutorService timer,
      ServerSocket listener) {
    this.attempt = attempt;
    this.usable = usable;
    this.doorway = doorway;
    this.timer = timer;
    this.listener = listener;
    byte[] word = new byte[WORD_BYTES];
    RANDOM.nextBytes(word);
    String authority = doorway.agent().getHostAddress() + ":" + listener.getLocalPort();
    this.exchange =
        new Exchange(
            usable.use(), authority, HexFormat.of().formatHex(word), doorway, record, this::hold);
  }

  /**
   * Opens one.
   *
   * @param usable of its own, which it closes
   */
  static UseDoor open(
      String attempt,
      Usable usable,
      Doorway doorway,
      Exchange.OnRecord record,
      ScheduledExecutorService timer)
      throws IOException {
    var listener = new ServerSocket();
    UseDoor door;
    try {
      listener.bind(new InetSocketAddress(doorway.agent(), 0), BACKLOG);
      door = new UseDoor(attempt, usable, doorway, record, timer, listener);
      doorway.open(listener.getLocalPort());
    } catch (IOException e) {
      listener.close();
      usable.close();
      throw e;
    }
    door.threads.execute(door::listen);
    return door;
  }

  /** What the step is told. */
  String address() {
    return exchange.address();
  }

  private void listen() {
    try (listener) {
      while (true) {
        Socket socket = listener.accept();
        if (!socket.getInetAddress().equals(doorway.job()) || !places.tryAcquire()) {
          socket.close();
          continue;
        }
        try {
          threads.execute(() -> {
            try {
              answer(socket);
            } finally {
              places.release();
            }
          });
        } catch (RejectedExecutionException e) {
          // It came while the step ended.
          socket.close();
        }
      }
    } catch (IOException e) {
      synchronized (sockets) {
        if (!closed) {
          // As when there are no more descriptors: the step goes without, and others go on.
          LOG.warn("{}: nobody listens for use of a secret any more", attempt, e);
        }
      }
    }
  }

  private void answer(Socket socket) {
    ScheduledFuture<?> tooLong =
        timer.schedule(() -> close(socket), LONGEST_MINUTES, TimeUnit.MINUTES);
    try (socket) {
      hold(socket);
      exchange.serve(socket, usable);
    } catch (EOFException e) {
      // Somebody looked whether anything is here.
      LOG.debug("{}: a connection without a request", attempt);
    } catch (IOException e) {
      // Either end is gone, and hears of nothing any more; what was used is on record.
      LOG.debug("{}: a request for use of a secret broke off: {}", attempt, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("{}: a request for use of a secret failed", attempt, e);
    } finally {
      tooLong.cancel(false);
    }
  }

  /** Has it closed when the step is over. */
  private void hold(Socket socket) throws IOException {
    synchronized (sockets) {
      if (closed) {
        socket.close();
        throw new IOException("the step is over");
      }
      sockets.removeIf(Socket::isClosed);
      sockets.add(socket);
    }
    socket.setSoTimeout(QUIET_MILLIS);
  }

  private void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      LOG.debug("{}: {}", attempt, e.getMessage());
    }
  }

  /** Ends it and all that came through it, and forgets the secret. */
  void end() throws IOException, InterruptedException {
    // First what answers, then what lets through: to change the filter takes a program.
    synchronized (sockets) {
      closed = true;
      sockets.forEach(this::close);
      sockets.clear();
    }
    threads.shutdown();
    try (listener) {
      listener.close();
      doorway.shut(listener.getLocalPort());
      if (!threads.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("{}: a request for use of a secret still ends", attempt);
      }
    } finally {
      usable.close();
    }
  }
}
