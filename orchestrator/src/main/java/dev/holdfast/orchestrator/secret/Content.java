package dev.holdfast.orchestrator.secret;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.secret.SecretUse;
import dev.holdfast.orchestrator.vault.Vault;
import java.util.Arrays;

/**
 * What a version of a secret holds. A reference is sealed like a value: else whoever writes the
 * database would choose what is read from a vault, with the right to read that Holdfast has there.
 */
sealed interface Content {
  /** The value itself. */
  record Value(Bytes bytes) implements Content {}

  /**
   * Where the value stands, to be read when it is given.
   *
   * @param vault its name here
   * @param mount of its key-value engine, version 2
   */
  record InVault(Name vault, String mount, String path, String field) implements Content {
    public InVault {
      Vault.checkPath(mount);
      Vault.checkPath(path);
      if (!field.matches("[\\x20-\\x7e]{1,200}")) {
        throw new IllegalArgumentException(
            "a field in a vault has up to 200 characters of plain text");
      }
    }
  }

  /**
   * A value that no job is given, with what it is for. Sealed as one: else whoever writes the
   * database would choose which host a credential is sent to.
   */
  record ForUse(SecretUse use, Bytes bytes) implements Content {}

  /** Bytes that print as nothing. */
  final class Bytes {
    private final byte[] bytes;

    Bytes(byte[] bytes) {
      this.bytes = bytes;
    }

    byte[] get() {
      return bytes;
    }

    @Override
    public String toString() {
      return "a secret's value";
    }
  }

  /** How it is called in the database and for people. */
  default String source() {
    return switch (this) {
      case Value _ -> "value";
      case InVault _ -> "vault";
      case ForUse _ -> "use";
    };
  }

  /** As it is sealed: what it is, then itself; to be zeroed by whoever sealed it. */
  default byte[] plain() {
    return switch (this) {
      case Value(var value) -> prefixed('V', value.get());
      case InVault reference -> prefixed('R', Records.utf8(InVault.class, reference));
      case ForUse(var use, var value) -> {
        // On one line, so that what is behind it is the value, whatever that is.
        byte[] line = Records.utf8(SecretUse.class, use);
        byte[] both = Arrays.copyOf(line, line.length + 1 + value.get().length);
        both[line.length] = '\n';
        System.arraycopy(value.get(), 0, both, line.length + 1, value.get().length);
        byte[] all = prefixed('U', both);
        Arrays.fill(both, (byte) 0);
        yield all;
      }
    };
  }

  /** What {@link #plain} made. */
  static Content of(byte[] bytes) throws MalformedJson {
    if (bytes.length > 0 && bytes[0] == 'V') {
      return new Value(new Bytes(Arrays.copyOfRange(bytes, 1, bytes.length)));
    }
    if (bytes.length > 0 && bytes[0] == 'R') {
      return Records.read(InVault.class, Arrays.copyOfRange(bytes, 1, bytes.length));
    }
    if (bytes.length > 0 && bytes[0] == 'U') {
      int end = 1;
      while (end < bytes.length && bytes[end] != '\n') {
        end++;
      }
      return new ForUse(
          Records.read(SecretUse.class, Arrays.copyOfRange(bytes, 1, end)),
          new Bytes(Arrays.copyOfRange(bytes, Math.min(end + 1, bytes.length), bytes.length)));
    }
    throw new IllegalStateException("a secret is neither a value nor a reference");
  }

  private static byte[] prefixed(char kind, byte[] rest) {
    byte[] out = new byte[rest.length + 1];
    out[0] = (byte) kind;
    System.arraycopy(rest, 0, out, 1, rest.length);
    return out;
  }
}
