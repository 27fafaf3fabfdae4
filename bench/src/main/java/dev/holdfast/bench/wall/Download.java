package dev.holdfast.bench.wall;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Both ends of a download in a lab, each a process of its own. */
public final class Download {
  private static final int PORT = 7100;
  private static final int MEGABYTE = 1_000_000;
  private static final int PATIENCE_MILLIS = 60_000;

  private Download() {}

  /**
   * {@code serve MEGABYTES} to all who come, once the first line is answered; or {@code take
   * ADDRESS} for each line. Answers with the nanoseconds that it took.
   */
  public static void main(String[] arguments) throws IOException {
    boolean serves = arguments[0].equals("serve");
    try (var listening = serves ? new ServerSocket(PORT) : new ServerSocket()) {
      if (serves) {
        Thread.ofPlatform().daemon().start(() -> serve(listening, Integer.parseInt(arguments[1])));
      }
      var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        System.out.println("ok\t" + (serves ? 0 : take(arguments[1])));
      }
    }
  }

  private static void serve(ServerSocket listening, int megabytes) {
    byte[] block = new byte[MEGABYTE];
    while (!listening.isClosed()) {
      try (Socket socket = listening.accept();
          OutputStream out = socket.getOutputStream()) {
        for (int i = 0; i < megabytes; i++) {
          out.write(block);
        }
      } catch (IOException e) {
        System.err.println("a download ended early: " + e.getMessage());
      }
    }
  }

  /** Nanoseconds. */
  private static long take(String address) throws IOException {
    long began = System.nanoTime();
    try (var socket = new Socket()) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), PORT), PATIENCE_MILLIS);
      byte[] block = new byte[MEGABYTE];
      InputStream in = socket.getInputStream();
      long all = 0;
      for (int n = in.read(block); n >= 0; n = in.read(block)) {
        all += n;
      }
      if (all == 0) {
        throw new IOException("nothing came from " + address);
      }
    }
    return System.nanoTime() - began;
  }
}
