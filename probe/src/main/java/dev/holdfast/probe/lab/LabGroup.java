package dev.holdfast.probe.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A service of the host's that hears what is sent to a group, and answers. */
public final class LabGroup implements AutoCloseable {
  /** Groups that nobody else is in: of an organisation, and of a link. */
  public static final String GROUP4 = "239.77.7.7";

  public static final String GROUP6 = "ff02::7707";
  public static final int PORT = 7008;

  /** Java joins a group of IPv4 only on an interface that has an address, as a job's has not. */
  private static final String ADDRESS = "192.0.2.250/32";

  private final List<DatagramChannel> channels = new ArrayList<>();

  /** Hears the groups on one interface of the host, in which this process is. */
  public void join(String link) {
    Lab.run(List.of("ip", "addr", "add", ADDRESS, "dev", link), "");
    try {
      NetworkInterface device = NetworkInterface.getByName(link);
      join(StandardProtocolFamily.INET, GROUP4, "0.0.0.0", device);
      join(StandardProtocolFamily.INET6, GROUP6, "::", device);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot join a group on " + link, e);
    }
  }

  private void join(ProtocolFamily family, String group, String any, NetworkInterface device)
      throws IOException {
    var channel = DatagramChannel.open(family);
    channels.add(channel);
    // What is bound for IPv6 would have the port for IPv4 too.
    channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    channel.bind(new InetSocketAddress(InetAddress.ofLiteral(any), PORT));
    channel.join(InetAddress.ofLiteral(group), device);
    LabListener.daemon(() -> answer(channel));
  }

  private static void answer(DatagramChannel channel) {
    try {
      while (true) {
        var heard = ByteBuffer.allocate(512);
        SocketAddress from = channel.receive(heard);
        channel.send(ByteBuffer.wrap("host".getBytes(StandardCharsets.UTF_8)), from);
      }
    } catch (AsynchronousCloseException e) {
      return;
    } catch (IOException e) {
      System.err.println("lab: a group is not answered any more: " + e.getMessage());
    }
  }

  @Override
  public void close() throws IOException {
    for (DatagramChannel channel : channels) {
      channel.close();
    }
  }
}
