package dev.holdfast.probe.lab;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A name server that believes everybody: just enough for the lab. Names that were not given to it
 * do not exist.
 */
final class LabNames {
  private final Map<String, List<String>> addresses = new ConcurrentHashMap<>();
  private final Map<String, String> aliases = new ConcurrentHashMap<>();

  String put(String[] words) {
    if (words[0].equals("alias")) {
      aliases.put(words[1], words[2]);
    } else {
      addresses.put(words[1], List.of(words[2].split(",")));
    }
    return "ok";
  }

  void listen(String address) throws IOException {
    var place = new InetSocketAddress(InetAddress.ofLiteral(address), 53);
    var udp = new DatagramSocket(place);
    LabListener.daemon(() -> {
      while (true) {
        try {
          var packet = new DatagramPacket(new byte[1500], 1500);
          udp.receive(packet);
          byte[] answer = answer(Arrays.copyOf(packet.getData(), packet.getLength()), 1232);
          udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
        } catch (IOException | RuntimeException e) {
          System.err.println("lab: cannot answer a question: " + e);
        }
      }
    });
    var tcp = new ServerSocket();
    tcp.bind(place);
    LabListener.daemon(() -> {
      while (true) {
        try (var connection = tcp.accept()) {
          var in = new DataInputStream(connection.getInputStream());
          byte[] question = new byte[in.readUnsignedShort()];
          in.readFully(question);
          byte[] answer = answer(question, 65_535);
          var out = new DataOutputStream(connection.getOutputStream());
          out.writeShort(answer.length);
          out.write(answer);
        } catch (IOException | RuntimeException e) {
          System.err.println("lab: cannot answer a question: " + e);
        }
      }
    });
  }

  private byte[] answer(byte[] question, int most) throws IOException {
    int end = 12;
    var labels = new ArrayList<String>();
    while (question[end] != 0) {
      labels.add(new String(question, end + 1, question[end], StandardCharsets.US_ASCII));
      end += question[end] + 1;
    }
    int type = ((question[end + 1] & 255) << 8) | (question[end + 2] & 255);
    String name = String.join(".", labels).toLowerCase(Locale.ROOT);
    var records = new ByteArrayOutputStream();
    int count = 0;
    String target = aliases.get(name);
    byte[] owner = wire(name);
    if (target != null) {
      record(records, owner, 5, wire(target));
      owner = wire(target);
      count++;
    }
    List<String> found = addresses.getOrDefault(target == null ? name : target, List.of());
    for (String address : found) {
      byte[] bytes = InetAddress.ofLiteral(address).getAddress();
      if (type == (bytes.length == 4 ? 1 : 28)) {
        record(records, owner, type, bytes);
        count++;
      }
    }
    boolean exists = !found.isEmpty() || target != null;
    boolean cut = records.size() + end + 5 > most;
    var out = new ByteArrayOutputStream();
    out.write(question, 0, 2);
    out.write(cut ? 0x83 : 0x81);
    out.write(exists ? 0x80 : 0x83);
    out.writeBytes(new byte[] {0, 1, 0, (byte) (cut ? 0 : count), 0, 0, 0, 0});
    out.write(question, 12, end + 5 - 12);
    if (!cut) {
      out.writeBytes(records.toByteArray());
    }
    return out.toByteArray();
  }

  private static void record(ByteArrayOutputStream out, byte[] owner, int type, byte[] data)
      throws IOException {
    var written = new DataOutputStream(out);
    written.write(owner);
    written.writeShort(type);
    written.writeShort(1);
    written.writeInt(60);
    written.writeShort(data.length);
    written.write(data);
  }

  private static byte[] wire(String name) {
    var out = new ByteArrayOutputStream();
    for (String label : name.split("\\.")) {
      out.write(label.length());
      out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
    }
    out.write(0);
    return out.toByteArray();
  }
}
