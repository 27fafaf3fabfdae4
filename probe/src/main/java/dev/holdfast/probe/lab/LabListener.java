package dev.holdfast.probe.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A process that answers with a known word, over TCP on all addresses and over UDP on those it is
 * given. With the word {@code world} it also knows names. Ends with its input.
 */
final class LabListener {
  private static final Set<String> SEEN = ConcurrentHashMap.newKeySet();

  private LabListener() {}

  public static void main(String[] arguments) throws IOException {
    String word = arguments[0];
    var tcp = new ServerSocket();
    tcp.bind(new InetSocketAddress(Lab.PORT), 256);
    daemon(() -> serve(tcp, word));
    if (arguments.length == 1) {
      listen(new InetSocketAddress(Lab.PORT), word);
    }
    for (int i = 1; i < arguments.length; i++) {
      listen(new InetSocketAddress(InetAddress.ofLiteral(arguments[i]), Lab.PORT), word);
    }
    LabNames names = new LabNames();
    if (word.equals("world")) {
      names.listen(LabAddresses.DNS);
    }
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      System.out.println(
          switch (words[0]) {
            case "seen" -> SEEN.contains(words[1]) ? "yes" : "no";
            case "name", "alias" -> names.put(words);
            default -> "?";
          });
    }
  }

  static void daemon(Runnable task) {
    Thread.ofPlatform().daemon().start(task);
  }

  private static void serve(ServerSocket tcp, String word) {
    while (true) {
      try (var connection = tcp.accept()) {
        connection.getOutputStream().write((word + "\n").getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        System.err.println("lab: a caller hung up: " + e.getMessage());
      }
    }
  }

  private static void listen(InetSocketAddress address, String word) throws IOException {
    var udp = new DatagramSocket(address);
    daemon(() -> {
      while (true) {
        try {
          var packet = new DatagramPacket(new byte[512], 512);
          udp.receive(packet);
          SEEN.add(new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8));
          byte[] answer = word.getBytes(StandardCharsets.UTF_8);
          udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
        } catch (IOException e) {
          System.err.println("lab: cannot answer " + address + ": " + e.getMessage());
        }
      }
    });
  }
}
