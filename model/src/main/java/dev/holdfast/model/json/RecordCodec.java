package dev.holdfast.model.json;

import java.lang.invoke.MethodHandle;
import java.lang.reflect.Type;

/** The mapping of one type; see {@link Records}. Thread-safe. */
interface RecordCodec {
  Json encode(Object value);

  Object decode(Json json, String path);

  /** How one record component is read and written. */
  record Component(
      String name, Type type, MethodHandle accessor, RecordCodec codec, boolean optional) {}
}
