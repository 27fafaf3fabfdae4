package dev.holdfast.relay.store;

import java.nio.file.Path;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.io.TempDir;

@NullMarked
class SqliteStoreTest extends StoreContract {
  @TempDir Path folder;

  @SuppressWarnings("NullAway.Init")
  SqliteStoreTest() {}

  @Override
  Store first() {
    return Store.open(folder.resolve("relay.db").toString(), clock, ALLOWANCE);
  }

  @Override
  Store another() {
    return first();
  }
}
