package dev.holdfast.bench.relay;

import dev.holdfast.bench.http.Connection;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.relay.Batch;
import dev.holdfast.model.wire.relay.RelayApi.Delivery;
import dev.holdfast.model.wire.relay.RelayApi.Pull;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Fetches what came for a tenant, and acknowledges it with the next call. */
final class Puller implements AutoCloseable {
  private static final int BYTES = 16 * 1024 * 1024;

  private final Connection connection;
  private List<String> acks = List.of();

  Puller(RelayHost relay, RelayHost.Tenant tenant) throws IOException {
    this.connection = relay.connect(tenant);
  }

  Batch pull(int most, Duration patience) throws IOException {
    Batch batch =
        Batch.of(
            connection
                .post(
                    "/relay/v1/pull",
                    Records.utf8(Pull.class, new Pull("bench", acks, most, BYTES, patience)))
                .orThrow("a pull")
                .body());
    acks = batch.head().deliveries().stream().map(Delivery::delivery).toList();
    return batch;
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
