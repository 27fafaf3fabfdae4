package dev.holdfast.bench.installation;

import dev.holdfast.bench.http.Connection;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.agent.AgentApi;
import java.io.IOException;
import java.util.List;

/** What an agent says to a server, over one connection. Used by one thread at a time. */
public record AgentCalls(Connection connection) implements AutoCloseable {

  public static AgentCalls open(Server server, String token) throws IOException {
    return new AgentCalls(Connection.open(server.address(), token));
  }

  public AgentApi.Registered register(String name, int capacity) throws IOException {
    return post(
        "/agent/v1/register",
        AgentApi.Register.class,
        new AgentApi.Register(
            AgentApi.VERSION,
            new Name(name),
            "bench",
            capacity,
            List.of(),
            AgentApi.Backend.CONTAINER),
        AgentApi.Registered.class);
  }

  public <B, A> A post(String path, Class<B> kind, B body, Class<A> answer) throws IOException {
    return Records.read(
        answer, connection.post(path, Records.utf8(kind, body)).orThrow(path).body());
  }

  /** Appends to the log of an attempt; it is on the server's disk when this returns. */
  public void append(AgentApi.Held attempt, long offset, byte[] bytes) throws IOException {
    String path =
        "/agent/v1/attempts/"
            + attempt.attempt()
            + "/log?fence="
            + attempt.fence()
            + "&offset="
            + offset;
    AgentApi.LogTaken taken =
        Records.read(
            AgentApi.LogTaken.class, connection.call("PUT", path, bytes).orThrow(path).body());
    if (taken.length() != offset + bytes.length) {
      throw new IOException(
          "the log of "
              + attempt.attempt()
              + " is "
              + taken.length()
              + " bytes long, not "
              + (offset + bytes.length));
    }
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
