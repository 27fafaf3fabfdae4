package dev.holdfast.orchestrator.web;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.EndPoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what a refused request still sends. Jetty drops the connection of a request that was not
 * read, without a word to the client, who then never learns why, and whose next call on that
 * connection fails. Who sends nothing more, or much, or slowly, is not waited for: the answer says
 * that the connection ends.
 */
final class ReadAway {
  private static final Logger LOG = LoggerFactory.getLogger(ReadAway.class);
  private static final long MOST = 16L * 1024 * 1024;
  private static final Duration SILENCE = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofSeconds(5);

  private ReadAway() {}

  static void rest(Context ctx) {
    EndPoint connection =
        ServletContextRequest.getServletContextRequest(ctx.req())
            .getConnectionMetaData()
            .getConnection()
            .getEndPoint();
    long usual = connection.getIdleTimeout();
    connection.setIdleTimeout(SILENCE.toMillis());
    try {
      if (!readToItsEnd(ctx.req().getInputStream())) {
        ctx.header("Connection", "close");
      }
    } catch (IOException e) {
      LOG.debug("{} {}: {}", ctx.method(), ctx.path(), e.getMessage());
      ctx.header("Connection", "close");
    } finally {
      connection.setIdleTimeout(usual);
    }
  }

  private static boolean readToItsEnd(InputStream body) throws IOException {
    byte[] away = new byte[64 * 1024];
    long begun = System.nanoTime();
    for (long read = 0; read < MOST && System.nanoTime() - begun < LONGEST.toNanos(); ) {
      int some = body.read(away);
      if (some < 0) {
        return true;
      }
      read += some;
    }
    return false;
  }
}
