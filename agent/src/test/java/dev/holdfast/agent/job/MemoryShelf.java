package dev.holdfast.agent.job;

import dev.holdfast.agent.transfer.Shelf;
import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.archive.Caps;
import dev.holdfast.model.wire.agent.KeepApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A shelf that remembers what was asked of it. */
final class MemoryShelf implements Shelf {
  /** By kind and number, and for caches the hashes. */
  final Map<String, byte[]> stored = new LinkedHashMap<>();

  final List<String> asked = new ArrayList<>();
  private Optional<String> broken = Optional.empty();
  private long most = Caps.standard().packed();

  void broken(String why) {
    broken = Optional.of(why);
  }

  void most(long bytes) {
    most = bytes;
  }

  private static String key(KeepApi.Kind kind, int index, List<String> hashes) {
    return kind + " " + index + " " + String.join(",", hashes);
  }

  private void ask(String what) throws ShelfFailed {
    asked.add(what);
    if (broken.isPresent()) {
      throw new ShelfFailed(broken.get());
    }
  }

  @Override
  public KeepApi.Found find(KeepApi.Kind kind, int index, List<String> hashes) throws ShelfFailed {
    ask("find " + key(kind, index, hashes));
    byte[] bytes = stored.get(key(kind, index, hashes));
    return bytes == null
        ? new KeepApi.Found(List.of(), "there is none")
        : new KeepApi.Found(
            List.of(
                new KeepApi.Item(
                    new Digest("sha256:" + "0".repeat(64)),
                    bytes.length,
                    key(kind, index, List.of()),
                    true,
                    "")),
            "");
  }

  @Override
  public void fetch(KeepApi.Item item, Path to) throws ShelfFailed {
    try {
      for (var entry : stored.entrySet()) {
        if (entry.getKey().startsWith(item.name())) {
          Files.write(to, entry.getValue());
          return;
        }
      }
    } catch (IOException e) {
      throw new ShelfFailed(String.valueOf(e.getMessage()));
    }
    throw new ShelfFailed("it is gone");
  }

  @Override
  public KeepApi.Offered offer(KeepApi.Kind kind, int index, List<String> hashes)
      throws ShelfFailed {
    ask("offer " + key(kind, index, hashes));
    return new KeepApi.Offered(true, "this", "", most);
  }

  @Override
  public KeepApi.Committed keep(
      KeepApi.Kind kind, int index, List<String> hashes, Path archive, Digest digest, long size)
      throws ShelfFailed {
    ask("keep " + key(kind, index, hashes));
    try {
      stored.put(key(kind, index, hashes), Files.readAllBytes(archive));
    } catch (IOException e) {
      throw new ShelfFailed(String.valueOf(e.getMessage()));
    }
    return new KeepApi.Committed(true, "");
  }
}
