package dev.holdfast.agent.job;

import dev.holdfast.agent.egress.rule.Decision;
import dev.holdfast.agent.egress.rule.Destination;
import dev.holdfast.agent.egress.rule.Ip;
import dev.holdfast.agent.egress.rule.JobRules;
import dev.holdfast.agent.egress.rule.Protocol;
import dev.holdfast.agent.use.Doorway.NotReached;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Connects from the agent's host in a job's stead, to what the job's own rules let it reach and
 * nowhere else: the agent stands where the internal network is open. The name is asked for once,
 * and the connection goes to the very address that was looked at, so that a name that changes in
 * between changes nothing. Thread-safe.
 *
 * @param names how names become addresses here
 * @param secure with whose certificates
 */
public record HttpsReach(Names names, SSLSocketFactory secure) {
  private static final int CONNECT_MILLIS = 10_000;
  private static final int QUIET_MILLIS = 60_000;

  /** The addresses of a name. */
  @FunctionalInterface
  public interface Names {
    List<InetAddress> of(String name) throws UnknownHostException;
  }

  /** By the names and with the certificates that this host goes by. */
  public static HttpsReach ofHost() {
    return new HttpsReach(
        name -> Arrays.asList(InetAddress.getAllByName(name)),
        (SSLSocketFactory) SSLSocketFactory.getDefault());
  }

  /**
   * Connects, and checks that the host is the one of that name.
   *
   * @throws NotReached if nothing that the job may reach answers as it; the message says why
   */
  Socket connect(String host, int port, JobRules rules) throws IOException {
    Decision named = rules.decideName(host);
    if (!named.open()) {
      throw new NotReached("the job may not reach it: " + named.why());
    }
    List<InetAddress> addresses;
    try {
      addresses = names.of(host);
    } catch (UnknownHostException e) {
      throw new NotReached("there is no host " + host);
    }
    String why = host + " has no address";
    for (InetAddress address : addresses) {
      Optional<String> refusal = refusal(host, address, port, rules);
      if (refusal.isPresent()) {
        why = "the job may not reach it: " + refusal.get();
        continue;
      }
      var plain = new Socket();
      boolean connected = false;
      try {
        plain.connect(new InetSocketAddress(address, port), CONNECT_MILLIS);
        plain.setSoTimeout(QUIET_MILLIS);
        Socket shown = shown(plain, host, port);
        connected = true;
        return shown;
      } catch (IOException e) {
        why = host + " cannot be reached: " + e.getMessage();
      } finally {
        if (!connected) {
          plain.close();
        }
      }
    }
    throw new NotReached(why);
  }

  private static Optional<String> refusal(
      String host, InetAddress address, int port, JobRules rules) throws IOException {
    if (NetworkInterface.getByInetAddress(address) != null) {
      return Optional.of(host + " is said to be this host itself");
    }
    Decision may =
        rules.decide(new Destination(Ip.of(address), Optional.of(host), Protocol.TCP, port));
    return may.open() ? Optional.empty() : Optional.of(may.why());
  }

  private SSLSocket shown(Socket plain, String host, int port) throws IOException {
    var socket = (SSLSocket) secure.createSocket(plain, host, port, true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }
}
