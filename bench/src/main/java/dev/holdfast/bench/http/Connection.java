package dev.holdfast.bench.http;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * One kept connection that speaks HTTP/1.1, one call after the other. An interrupt closes it. Used
 * by one thread at a time.
 */
public final class Connection implements AutoCloseable {
  private static final byte[] NOTHING = {};
  private static final int LONGEST_LINE = 16 * 1024;

  private final SocketChannel channel;
  private final InputStream in;
  private final String always;
  private boolean busy;

  private Connection(SocketChannel channel, String always) {
    this.channel = channel;
    this.in = new BufferedInputStream(Channels.newInputStream(channel), 64 * 1024);
    this.always = always;
  }

  /**
   * @param token sent as a bearer with every call; empty for none
   */
  public static Connection open(Address address, String token) throws IOException {
    SocketChannel channel = SocketChannel.open(address.socket());
    if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }
    String bearer = token.isEmpty() ? "" : "Authorization: Bearer " + token + "\r\n";
    return new Connection(channel, "Host: " + address.host() + "\r\n" + bearer);
  }

  public Answer get(String path) throws IOException {
    return call("GET", path, NOTHING);
  }

  public Answer post(String path, byte[] json) throws IOException {
    return call("POST", path, json);
  }

  /** Asks, and reads all of the answer. */
  public Answer call(String method, String path, byte[] json) throws IOException {
    return call(method, path, Map.of(), json);
  }

  /** The same with more headers. */
  public Answer call(String method, String path, Map<String, String> headers, byte[] json)
      throws IOException {
    try (Body body = stream(method, path, headers, json)) {
      return new Answer(body.status(), body.readAllBytes());
    }
  }

  /** Asks; the answer's body is read as it comes, and to its end before the next call. */
  public Body stream(String method, String path, byte[] json) throws IOException {
    return stream(method, path, Map.of(), json);
  }

  /** The same with more headers. */
  public Body stream(String method, String path, Map<String, String> headers, byte[] json)
      throws IOException {
    if (busy) {
      throw new IllegalStateException("the answer before is not read to its end");
    }
    busy = true;
    var more = new StringBuilder();
    headers.forEach((name, value) -> more.append(name + ": " + value + "\r\n"));
    String head =
        method
            + " "
            + path
            + " HTTP/1.1\r\n"
            + always
            + more
            + "Content-Type: application/json\r\nContent-Length: "
            + json.length
            + "\r\n\r\n";
    byte[] headBytes = head.getBytes(StandardCharsets.ISO_8859_1);
    var request = ByteBuffer.allocate(headBytes.length + json.length);
    request.put(headBytes).put(json).flip();
    while (request.hasRemaining()) {
      channel.write(request);
    }
    return answer();
  }

  private Body answer() throws IOException {
    String status = line();
    if (!status.startsWith("HTTP/1.1 ") || status.length() < 12) {
      throw new IOException("this is not HTTP/1.1: " + status);
    }
    int code = Integer.parseInt(status.substring(9, 12));
    long length = -1;
    boolean chunked = false;
    for (String header = line(); !header.isEmpty(); header = line()) {
      int colon = header.indexOf(':');
      String name = header.substring(0, Math.max(0, colon));
      String value = header.substring(colon + 1).strip();
      if (name.equalsIgnoreCase("Content-Length")) {
        length = Long.parseLong(value);
      } else if (name.equalsIgnoreCase("Transfer-Encoding")) {
        chunked = value.equalsIgnoreCase("chunked");
      }
    }
    boolean none = code == 204 || code == 304;
    return new Body(code, chunked, none ? 0 : length);
  }

  private String line() throws IOException {
    var text = new StringBuilder(80);
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the connection ended instead of an answer");
      }
      if (text.length() > LONGEST_LINE) {
        throw new IOException("a line of the answer is longer than " + LONGEST_LINE);
      }
      if (c != '\r') {
        text.append((char) c);
      }
    }
    return text.toString();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** The body of an answer. Closing it before its end closes the connection. */
  public final class Body extends InputStream {
    private final int status;
    private final boolean chunked;
    private long left;
    private boolean over;
    private boolean closed;

    /**
     * @param length -1 where it goes on to the end of the connection
     */
    private Body(int status, boolean chunked, long length) throws IOException {
      this.status = status;
      this.chunked = chunked;
      this.left = chunked ? 0 : length;
      if (chunked) {
        nextChunk();
      } else if (length == 0) {
        end();
      }
    }

    public int status() {
      return status;
    }

    private void nextChunk() throws IOException {
      String size = line();
      int extension = size.indexOf(';');
      left = Long.parseLong(extension < 0 ? size : size.substring(0, extension), 16);
      if (left == 0) {
        while (!line().isEmpty()) {
          // Trailers say nothing that is wanted here.
        }
        end();
      }
    }

    private void end() {
      over = true;
      busy = false;
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int most) throws IOException {
      if (closed) {
        throw new IOException("the answer was closed");
      }
      if (over) {
        return -1;
      }
      if (most == 0) {
        return 0;
      }
      int count = in.read(into, from, left < 0 ? most : (int) Math.min(most, left));
      if (count < 0) {
        if (left < 0) {
          over = true;
          return -1;
        }
        throw new EOFException("the connection ended in the middle of an answer");
      }
      if (left >= 0) {
        left -= count;
        if (left == 0 && chunked) {
          if (!line().isEmpty()) {
            throw new IOException("a piece of the answer is longer than it says");
          }
          nextChunk();
        } else if (left == 0) {
          end();
        }
      }
      return count;
    }

    @Override
    public void close() throws IOException {
      closed = true;
      if (!over) {
        Connection.this.close();
      }
    }
  }
}
