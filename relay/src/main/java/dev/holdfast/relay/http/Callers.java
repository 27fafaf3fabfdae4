package dev.holdfast.relay.http;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.server.Request;

/** Where a call comes from: what is connected, or whom a proxy names that the operator trusts. */
public final class Callers {
  private final Ranges proxies;

  /**
   * @param proxies whose {@code X-Forwarded-For} is believed
   */
  public Callers(Ranges proxies) {
    this.proxies = proxies;
  }

  boolean isProxy(InetAddress address) {
    return proxies.holds(address);
  }

  static InetAddress of(SocketAddress remote) {
    return remote instanceof InetSocketAddress inet && inet.getAddress() != null
        ? inet.getAddress()
        : InetAddress.getLoopbackAddress();
  }

  /**
   * The address of whoever called: going back from the last proxy, the first that is none of ours.
   * What is further to the left anybody may have written.
   */
  public InetAddress of(Request request) {
    InetAddress connected = of(request.getConnectionMetaData().getRemoteSocketAddress());
    if (!isProxy(connected)) {
      return connected;
    }
    List<String> named =
        request.getHeaders().stream()
            .filter(field -> field.getLowerCaseName().equals("x-forwarded-for"))
            .map(HttpField::getValue)
            .flatMap(value -> java.util.Arrays.stream(value.split(",", -1)))
            .map(String::strip)
            .toList();
    InetAddress caller = connected;
    for (String text : named.reversed()) {
      try {
        caller = Ranges.address(text);
      } catch (IllegalArgumentException e) {
        return caller; // what is left of it cannot be trusted either
      }
      if (!isProxy(caller)) {
        return caller;
      }
    }
    return caller;
  }
}
