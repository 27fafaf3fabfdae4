package dev.holdfast.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;

/** A loopback port that leads to another, and a file of every byte that went through, both ways. */
final class Wiretap implements AutoCloseable {
  private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final OutputStream recorded;

  Wiretap(int port, Path file) throws IOException {
    recorded = Files.newOutputStream(file);
    Thread.ofVirtual()
        .start(() -> {
          while (!listening.isClosed()) {
            try {
              Socket one = listening.accept();
              Socket other = new Socket(InetAddress.getLoopbackAddress(), port);
              Thread.ofVirtual().start(() -> pass(one, other));
              Thread.ofVirtual().start(() -> pass(other, one));
            } catch (IOException e) {
              return; // it was closed
            }
          }
        });
  }

  int port() {
    return listening.getLocalPort();
  }

  private void pass(Socket from, Socket to) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      byte[] bytes = new byte[64 * 1024];
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        synchronized (recorded) {
          recorded.write(bytes, 0, count);
          recorded.flush();
        }
        to.getOutputStream().write(bytes, 0, count);
      }
    } catch (IOException e) {
      // One of both sides went away, and with it the connection.
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
