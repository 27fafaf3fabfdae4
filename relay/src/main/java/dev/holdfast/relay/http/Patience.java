package dev.holdfast.relay.http;

import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Request;

/**
 * Ends connections that take too long, however much goes on in them, and those of an address that
 * has too many. Jetty's own limits are for silence and for the body's pace; somebody who sends a
 * byte of a header every few seconds keeps all of them. Thread-safe.
 */
final class Patience implements Connection.Listener {
  private final Duration silence;
  private final int mostOfOne;
  private final Callers callers;
  private final ConcurrentHashMap<EndPoint, Deadline> open = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<InetAddress, Integer> counts = new ConcurrentHashMap<>();
  private final AtomicLong ended = new AtomicLong();

  /** Until when what a connection is at has to be done, by {@link System#nanoTime}. */
  private record Deadline(long nanos, InetAddress from) {}

  /**
   * @param silence from the start of a connection, or the end of an answer, to the end of a
   *     request's headers
   */
  Patience(Duration silence, int mostOfOne, Callers callers) {
    this.silence = silence;
    this.mostOfOne = mostOfOne;
    this.callers = callers;
  }

  @Override
  public void onOpened(Connection connection) {
    if (connection instanceof SslConnection) {
      return; // the one inside it counts, which is made with it
    }
    EndPoint endPoint = connection.getEndPoint();
    InetAddress from = Callers.of(endPoint.getRemoteSocketAddress());
    int count = callers.isProxy(from) ? 1 : counts.merge(from, 1, Integer::sum);
    open.put(endPoint, new Deadline(System.nanoTime() + silence.toNanos(), from));
    if (count > mostOfOne) {
      end(endPoint);
    }
  }

  @Override
  public void onClosed(Connection connection) {
    if (!(connection instanceof SslConnection)) {
      Deadline closed = open.remove(connection.getEndPoint());
      if (closed != null && !callers.isProxy(closed.from())) {
        counts.computeIfPresent(closed.from(), (a, count) -> count > 1 ? count - 1 : null);
      }
    }
  }

  /** The request's headers are there; it has {@code time} to be answered. */
  void began(Request request, Duration time) {
    EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
    again(endPoint, time);
    Request.addCompletionListener(request, failure -> again(endPoint, silence));
  }

  private void again(EndPoint endPoint, Duration time) {
    open.computeIfPresent(
        endPoint, (e, before) -> new Deadline(System.nanoTime() + time.toNanos(), before.from()));
  }

  /** Ends what is over time. */
  void sweep() {
    long now = System.nanoTime();
    open.forEach((endPoint, deadline) -> {
      if (now - deadline.nanos() > 0) {
        end(endPoint);
      }
    });
  }

  private void end(EndPoint endPoint) {
    ended.incrementAndGet();
    endPoint.close();
  }

  int open() {
    return open.size();
  }

  long ended() {
    return ended.get();
  }
}
