package dev.holdfast.probe.lab;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The process behind {@link LabCaller}. */
final class LabCalls {
  private static final int PATIENCE_MILLIS = 1_500;
  private static final Set<String> REACHED = new ConcurrentSkipListSet<>();
  private static final AtomicLong TRIES = new AtomicLong();

  private static @Nullable DatagramSocket held;

  private LabCalls() {}

  public static void main(String[] arguments) throws Exception {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      System.out.println(
          switch (words[0]) {
            case "call" -> calls(words);
            case "ping" -> ping(words[1]);
            case "send" -> send(words[1], words[2], words[3]);
            case "hold" -> hold(words[1]);
            case "again" -> again();
            case "scan" -> scan(words[1], Integer.parseInt(words[2]), Integer.parseInt(words[3]));
            case "dns" -> lookup(words[1], words[2], words[3]);
            case "hammer" -> hammer(words);
            case "reached" -> TRIES.get() + " " + String.join(" ", REACHED);
            default -> "?";
          });
    }
  }

  private static String calls(String[] words) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var answers = new ArrayList<Future<String>>();
      for (int i = 1; i < words.length; i++) {
        String[] call = words[i].split(",");
        var to = new InetSocketAddress(InetAddress.ofLiteral(call[1]), Integer.parseInt(call[2]));
        answers.add(threads.submit(() -> call[0].equals("tcp") ? tcp(to) : udp(to)));
      }
      var all = new ArrayList<String>();
      for (Future<String> answer : answers) {
        all.add(answer.get());
      }
      return String.join(" ", all);
    }
  }

  private static String tcp(InetSocketAddress to) {
    try (var socket = new Socket()) {
      socket.connect(to, PATIENCE_MILLIS);
      socket.setSoTimeout(PATIENCE_MILLIS);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return failure(e);
    }
  }

  private static String udp(InetSocketAddress to) {
    try (var socket = new DatagramSocket()) {
      socket.connect(to);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.send(new DatagramPacket(new byte[] {'?'}, 1));
      var answer = new DatagramPacket(new byte[512], 512);
      socket.receive(answer);
      return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return failure(e);
    }
  }

  private static String failure(IOException e) {
    return switch (e) {
      case SocketTimeoutException _ -> "silent";
      case NoRouteToHostException _ -> "unreachable";
      case PortUnreachableException _ -> "refused";
      case ConnectException _ -> "refused";
      default -> "unreachable";
    };
  }

  private static String ping(String address) throws IOException {
    return InetAddress.ofLiteral(address).isReachable(PATIENCE_MILLIS) ? "yes" : "no";
  }

  private static String send(String source, String address, String word) {
    var from = new InetSocketAddress(InetAddress.ofLiteral(source), 0);
    try (var socket = new DatagramSocket(from)) {
      byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
      var to = new InetSocketAddress(InetAddress.ofLiteral(address), Lab.PORT);
      socket.send(new DatagramPacket(bytes, bytes.length, to));
      return "sent";
    } catch (IOException e) {
      return "failed " + e.getMessage();
    }
  }

  private static String hold(String address) throws IOException {
    held = new DatagramSocket();
    held.connect(new InetSocketAddress(InetAddress.ofLiteral(address), Lab.PORT));
    held.setSoTimeout(PATIENCE_MILLIS);
    return again();
  }

  private static String again() {
    DatagramSocket socket = held;
    if (socket == null) {
      return "nothing is held";
    }
    try {
      socket.send(new DatagramPacket(new byte[] {'?'}, 1));
      var answer = new DatagramPacket(new byte[512], 512);
      socket.receive(answer);
      return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return failure(e);
    }
  }

  private static String scan(String address, int first, int last) throws IOException {
    InetAddress to = InetAddress.ofLiteral(address);
    try (var socket = new DatagramSocket()) {
      for (int port = first; port <= last; port++) {
        socket.send(new DatagramPacket(new byte[] {'?'}, 1, to, port));
      }
    }
    return "sent";
  }

  private static String hammer(String[] words) {
    for (int i = 1; i < words.length; i++) {
      String address = words[i];
      var to = new InetSocketAddress(InetAddress.ofLiteral(address), Lab.PORT);
      LabListener.daemon(() -> {
        while (true) {
          TRIES.incrementAndGet();
          try (var socket = new Socket()) {
            socket.connect(to, 100);
            REACHED.add(address);
          } catch (IOException e) {
            Thread.onSpinWait();
          }
        }
      });
    }
    return "hammering";
  }

  private static String lookup(String server, String name, String type) throws IOException {
    var question = new ByteArrayOutputStream();
    var out = new DataOutputStream(question);
    out.write(new byte[] {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    for (String label : name.split("\\.")) {
      out.writeByte(label.length());
      out.write(label.getBytes(StandardCharsets.ISO_8859_1));
    }
    out.writeByte(0);
    int code = type.equals("A") ? 1 : type.equals("AAAA") ? 28 : Integer.parseInt(type);
    out.writeShort(code);
    out.writeShort(1);
    try (var socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(InetAddress.ofLiteral(server), 53));
      socket.setSoTimeout(3 * PATIENCE_MILLIS);
      byte[] bytes = question.toByteArray();
      socket.send(new DatagramPacket(bytes, bytes.length));
      var packet = new DatagramPacket(new byte[1500], 1500);
      socket.receive(packet);
      return read(packet.getData(), packet.getLength(), bytes.length);
    } catch (IOException e) {
      return failure(e);
    }
  }

  private static String read(byte[] data, int length, int from) throws IOException {
    var answer = new StringBuilder().append(data[3] & 15);
    int at = from;
    for (int i = 0; i < (data[7] & 255) && at < length; i++) {
      while (data[at] != 0 && (data[at] & 0xc0) == 0) {
        at += data[at] + 1;
      }
      at += data[at] == 0 ? 1 : 2;
      int type = ((data[at] & 255) << 8) | (data[at + 1] & 255);
      int size = ((data[at + 8] & 255) << 8) | (data[at + 9] & 255);
      if (type == 1 || type == 28) {
        byte[] address = java.util.Arrays.copyOfRange(data, at + 10, at + 10 + size);
        answer.append(' ').append(InetAddress.getByAddress(address).getHostAddress());
      }
      at += 10 + size;
    }
    return answer.toString();
  }
}
