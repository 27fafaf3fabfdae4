package dev.holdfast.probe.lab;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tries to reach addresses from inside a namespace, and says what came of it. */
public final class LabCaller implements AutoCloseable {
  private final LabProcess process;

  LabCaller(LabProcess process) {
    this.process = process;
  }

  /**
   * What answered, or how it failed: {@code refused}, {@code unreachable} or {@code silent}.
   *
   * @param how {@code tcp} or {@code udp}
   */
  public String call(String how, String address, int port) {
    return process.ask("call " + how + "," + address + "," + port);
  }

  /** All at once, by address. */
  public Map<String, String> callAll(String how, List<String> addresses) {
    var calls = new ArrayList<String>();
    addresses.forEach(a -> calls.add(how + "," + a + "," + Lab.PORT));
    String[] answers = process.ask("call " + String.join(" ", calls)).split(" ");
    Map<String, String> all = new LinkedHashMap<>();
    for (int i = 0; i < addresses.size(); i++) {
      all.put(addresses.get(i), answers[i]);
    }
    return all;
  }

  /** Echo requests. */
  public boolean pings(String address) {
    return process.ask("ping " + address).equals("yes");
  }

  /** Sends {@code word} once, from {@code source} if that is an address of the namespace. */
  public void send(String source, String address, String word) {
    String answer = process.ask("send " + source + " " + address + " " + word);
    if (!answer.equals("sent")) {
      throw new LabFailed("cannot send from " + source + " to " + address + ": " + answer);
    }
  }

  /** What a resolver says: a code and addresses, such as {@code 0 203.0.113.10}. */
  public String lookup(String server, String name, String type) {
    return process.ask("dns " + server + " " + name + " " + type);
  }

  /** As {@link #call} over UDP, from a port that is kept for {@link #callAgain}. */
  public String callAndHold(String address) {
    return process.ask("hold " + address);
  }

  /** On the way that {@link #callAndHold} made. */
  public String callAgain() {
    return process.ask("again");
  }

  /** Sends a datagram to each port from {@code first} to {@code last}. */
  public void scan(String address, int first, int last) {
    process.ask("scan " + address + " " + first + " " + last);
  }

  /**
   * Connects again and again, from now on as long as this is open: also while there is no interface
   * yet. {@link #reached} tells.
   */
  public void hammer(List<String> addresses) {
    process.ask("hammer " + String.join(" ", addresses));
  }

  /** What {@link #hammer} has reached so far, with the number of tries: {@code 1234 a b}. */
  public String reached() {
    return process.ask("reached");
  }

  @Override
  public void close() {
    process.close();
  }
}
