package dev.holdfast.relay.http;

import dev.holdfast.relay.store.Unavailable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP server of the relay's three. Each has threads, limits and buffers of its own, so that
 * what is done to one is not felt at the others. Calls run on virtual threads.
 */
public final class Door implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Door.class);
  private static final int THREADS = 12;
  private static final long SWEEP_MILLIS = 500;
  private static final int TLS_SWEEPS = 60;

  /** For calls that are under way when it closes. */
  private static final long FINISHING_MILLIS = 10_000;

  private static final String HSTS = "max-age=31536000";

  private final String name;
  private final Server server;
  private final ServerConnector connector;
  private final Patience patience;
  private final @Nullable Tls tls;
  private int sweeps;

  /** Answers calls. Runs on a virtual thread and may block. */
  public interface Calls {
    /**
     * @param call not to be used after it returns
     * @return the answer; empty if it was written by {@link Call#stream}
     * @throws IOException if whoever called is gone, or too slow
     */
    Optional<Answer> answer(Call call) throws IOException, InterruptedException;

    /** How long a call may take, all in all, by what its headers announce. */
    Duration time(Request request);
  }

  private Door(String name, Listening listening, Callers callers, Calls calls) throws IOException {
    this.name = name;
    var pool = new QueuedThreadPool(THREADS, 2);
    pool.setName("relay-" + name);
    pool.setVirtualThreadsExecutor(Executors.newVirtualThreadPerTaskExecutor());
    ByteBufferPool buffers = new WipingPool();
    server = new Server(pool, new ScheduledExecutorScheduler(name + "-timer", true), buffers);
    patience = new Patience(listening.silence(), listening.connectionsOfOne(), callers);
    var http = new HttpConnectionFactory(configuration(listening));
    tls =
        listening.tls().isPresent()
            ? new Tls(listening.tls().get().certificate(), listening.tls().get().key())
            : null;
    connector =
        tls == null
            ? new ServerConnector(server, 1, 1, http)
            : new ServerConnector(
                server, 1, 1, new SslConnectionFactory(tls.factory(), http.getProtocol()), http);
    connector.setHost(listening.address().getHostString());
    connector.setPort(listening.address().getPort());
    connector.setIdleTimeout(listening.idle().toMillis());
    connector.setAcceptQueueSize(1024);
    connector.addBean(patience);
    server.addConnector(connector);
    server.addBean(new NetworkConnectionLimit(listening.connections(), server));
    server.setErrorHandler((request, response, callback) -> {
      // Jetty's own refusals: what cannot be read as HTTP, or is too large for it.
      int status = response.getStatus();
      send(response, callback, Answer.refusal(status, HttpStatus.getMessage(status)).ending());
      return true;
    });
    server.setStopTimeout(FINISHING_MILLIS);
    server.setHandler(
        new GracefulHandler(
            new Handler.Abstract() {
              @Override
              public boolean handle(Request request, Response response, Callback callback) {
                Door.this.handle(calls, request, response, callback);
                return true;
              }
            }));
  }

  /**
   * Opens a door.
   *
   * @throws IOException if it cannot listen there, in a sentence
   */
  public static Door open(String name, Listening listening, Callers callers, Calls calls)
      throws IOException {
    var door = new Door(name, listening, callers, calls);
    try {
      door.server.start();
    } catch (Exception e) {
      throw new IOException(
          "the relay's "
              + name
              + " cannot listen at "
              + listening.address()
              + ": "
              + String.valueOf(e.getMessage())
              + "; is another relay running there?",
          e);
    }
    Thread.ofVirtual().name("relay-sweep").start(door::sweeping);
    return door;
  }

  private static HttpConfiguration configuration(Listening listening) {
    var configuration = new HttpConfiguration();
    configuration.setSendServerVersion(false);
    configuration.setSendDateHeader(false);
    configuration.setRequestHeaderSize(listening.headers());
    configuration.setResponseHeaderSize(4096);
    configuration.setInputBufferSize(8192);
    // Headers of one request would stay in memory to be compared with those of the next.
    configuration.setHeaderCacheSize(0);
    configuration.setUseInputDirectByteBuffers(false);
    configuration.setUseOutputDirectByteBuffers(false);
    // Enough to see that there is no body; what is refused is not read.
    configuration.setMaxUnconsumedRequestContentReads(2);
    configuration.setNotifyRemoteAsyncErrors(true);
    return configuration;
  }

  private void sweeping() {
    try {
      while (!server.isStopped()) {
        // A clock that ticks, not a wait for something: deadlines are looked at twice a second.
        Thread.sleep(SWEEP_MILLIS);
        patience.sweep();
        if (tls != null && ++sweeps % TLS_SWEEPS == 0) {
          tls.reload();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void handle(Calls calls, Request request, Response response, Callback callback) {
    patience.began(request, calls.time(request));
    try {
      Optional<Answer> answer = calls.answer(new Call(request, response));
      if (answer.isPresent()) {
        send(response, callback, answer.get());
      } else {
        callback.succeeded();
      }
    } catch (Unavailable e) {
      refuse(
          response,
          callback,
          Answer.refusal(503, "the relay cannot reach its database; try again")
              .retry(Duration.ofSeconds(30)));
    } catch (IOException | UncheckedIOException e) {
      // Whoever called is gone, or too slow: there is nobody to be told.
      callback.failed(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      refuse(response, callback, Answer.refusal(503, "the relay is shutting down; try again"));
    } catch (RuntimeException e) {
      // Its message may hold what came in; the kind and the place do not.
      StackTraceElement[] at = e.getStackTrace();
      LOG.error(
          "a call at the {} failed by {} at {}",
          name,
          e.getClass().getName(),
          at.length == 0 ? "an unknown place" : at[0]);
      refuse(response, callback, Answer.refusal(500, "the relay failed; its operator was told"));
    }
  }

  private void refuse(Response response, Callback callback, Answer answer) {
    if (response.isCommitted()) {
      callback.failed(new IOException("it was too late for a refusal"));
    } else {
      send(response, callback, answer.ending());
    }
  }

  private void send(Response response, Callback callback, Answer answer) {
    response.setStatus(answer.status());
    head(response, answer.type());
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, answer.body().length);
    answer
        .retry()
        .ifPresent(in -> response.getHeaders().put(HttpHeader.RETRY_AFTER, in.toSeconds()));
    if (answer.last()) {
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
    }
    response.write(true, ByteBuffer.wrap(answer.body()), callback);
  }

  private void head(Response response, String type) {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
    response.getHeaders().put("X-Content-Type-Options", "nosniff");
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    if (tls != null) {
      response.getHeaders().put("Strict-Transport-Security", HSTS);
    }
  }

  /** One call. */
  public final class Call {
    private final Request request;
    private final Response response;

    private Call(Request request, Response response) {
      this.request = request;
      this.response = response;
    }

    public Request request() {
      return request;
    }

    public String method() {
      return request.getMethod();
    }

    /** As it was sent, up to a query. */
    public String path() {
      return Optional.ofNullable(request.getHttpURI().getPath()).orElse("");
    }

    /** The value of a header that came once; empty if it did not, or twice. */
    public Optional<String> header(String name) {
      var all = request.getHeaders().stream().filter(field -> field.is(name)).limit(2).toList();
      return all.size() == 1
          ? Optional.ofNullable(all.getFirst()).map(HttpField::getValue)
          : Optional.empty();
    }

    /** What the body's length is said to be; -1 if it is not. */
    public long announced() {
      return request.getLength();
    }

    /**
     * The body, of which {@link #announced} said how long it is. Whoever takes it writes over it
     * when done.
     *
     * @throws IOException if it ends early, or takes too long
     */
    public byte[] body() throws IOException {
      byte[] all = new byte[Math.toIntExact(Math.max(0, announced()))];
      try (InputStream in = Content.Source.asInputStream(request)) {
        if (in.readNBytes(all, 0, all.length) < all.length) {
          Arrays.fill(all, (byte) 0);
          throw new IOException("the body ended early");
        }
      }
      return all;
    }

    /** Begins an answer that is written in parts, each of which waits until it is on its way. */
    public Out stream(String type, long length) {
      response.setStatus(200);
      head(response, type);
      response.getHeaders().put(HttpHeader.CONTENT_LENGTH, length);
      return bytes -> Content.Sink.write(response, false, ByteBuffer.wrap(bytes));
    }
  }

  /** Where the parts of an answer go. */
  @FunctionalInterface
  public interface Out {
    void write(byte[] bytes) throws IOException;
  }

  /** The port that it listens on. */
  public int port() {
    return connector.getLocalPort();
  }

  public int connections() {
    return patience.open();
  }

  /** How many connections took too long, or were too many of one address. */
  public long ended() {
    return patience.ended();
  }

  /** Takes no more calls, and gives those that are under way ten seconds to be answered. */
  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      LOG.warn("the {} did not stop well: {}", name, e.getMessage());
    }
  }
}
