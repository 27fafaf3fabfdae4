package dev.holdfast.orchestrator.forge.github;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;

/** Damages payloads: bytes flipped, cut, doubled; fields removed, of other types, grown numbers. */
final class Mutations {
  private static final List<Json> OTHER =
      List.of(
          Json.NULL,
          new Json.Bool(true),
          new Json.Num("-1"),
          new Json.Num("1e9"),
          new Json.Num("99999999999999999999999999"),
          new Json.Str(""),
          new Json.Str("\u202e$(reboot)\n"),
          new Json.Arr(List.of()),
          Json.Obj.of(new LinkedHashMap<>()));

  private final Random random;

  Mutations(long seed) {
    this.random = new Random(seed);
  }

  /** {@code payload} with one to three things wrong. */
  byte[] of(byte[] payload) {
    byte[] mutated = payload;
    for (int i = random.nextInt(3); i >= 0; i--) {
      mutated = random.nextInt(3) == 0 ? bytes(mutated) : tree(mutated);
    }
    return mutated;
  }

  private byte[] bytes(byte[] payload) {
    if (payload.length == 0) {
      return payload;
    }
    int at = random.nextInt(payload.length);
    if (random.nextInt(8) == 0) {
      return java.util.Arrays.copyOf(payload, at);
    }
    byte[] flipped = payload.clone();
    flipped[at] ^= (byte) (1 << random.nextInt(8));
    return flipped;
  }

  private byte[] tree(byte[] payload) {
    Json parsed;
    try {
      parsed = JsonText.parse(payload);
    } catch (dev.holdfast.model.json.MalformedJson e) {
      return bytes(payload);
    }
    return JsonText.utf8(in(parsed));
  }

  /** Goes down by chance; shallow fields, which decide, are hit more often than deep ones. */
  private Json in(Json value) {
    if (random.nextInt(4) != 0) {
      switch (value) {
        case Json.Obj(var fields) when !fields.isEmpty() -> {
          var copy = new LinkedHashMap<>(fields);
          String name = new ArrayList<>(copy.keySet()).get(random.nextInt(copy.size()));
          if (random.nextInt(6) == 0) {
            copy.remove(name);
          } else {
            copy.computeIfPresent(name, (key, inner) -> in(inner));
          }
          return new Json.Obj(copy);
        }
        case Json.Arr(var items) when !items.isEmpty() -> {
          var copy = new ArrayList<>(items);
          int at = random.nextInt(copy.size());
          copy.set(at, in(copy.get(at)));
          return new Json.Arr(copy);
        }
        case Json.Num(var literal) -> {
          return new Json.Num(literal + random.nextInt(10));
        }
        case Json.Str(var text) when !text.isEmpty() -> {
          return new Json.Str(text + (char) ('a' + random.nextInt(26)));
        }
        default -> {}
      }
    }
    return OTHER.get(random.nextInt(OTHER.size()));
  }
}
