package dev.holdfast.agent.use;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;

/**
 * Where one job and its agent meet over the job's filtered network, and from where the agent
 * reaches out in its stead. Thread-safe.
 */
public interface Doorway {
  /** Of the agent; a job reaches no port of it but those that are open to that job. */
  InetAddress agent();

  /** Of the job, which the filter sees to that nobody else has. */
  InetAddress job();

  /** Lets the job, and no other, connect to a port of {@link #agent}. */
  void open(int port) throws IOException;

  /** Lets nothing of the job's through to it any more, of connections that are there neither. */
  void shut(int port) throws IOException;

  /**
   * Connects to a host that showed by its certificate that it is the one. Its name is asked for
   * once, and what is connected to is an address that the job itself may reach.
   *
   * @throws NotReached if there is none, with the reason
   */
  Socket reach(String host, int port) throws IOException;

  /** The job may not reach it, or it is not there. */
  final class NotReached extends IOException {
    private static final long serialVersionUID = 1L;

    public NotReached(String message) {
      super(message);
    }
  }
}
