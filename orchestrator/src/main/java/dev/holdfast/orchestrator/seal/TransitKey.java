package dev.holdfast.orchestrator.seal;

import dev.holdfast.model.digest.Sha256;
import dev.holdfast.orchestrator.vault.Vault;
import dev.holdfast.orchestrator.vault.VaultFailed;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * A master key that a Vault keeps, in its transit engine: it wraps there and never leaves. What a
 * data key is bound to goes along as associated data, and stands, as a hash, before the data key:
 * an engine that does not look at the one is found out by the other.
 */
final class TransitKey implements MasterKey {
  private static final int HASH_BYTES = 32;

  private final String name;
  private final Vault vault;
  private final String mount;
  private final String key;

  TransitKey(String name, Vault vault, String mount, String key) {
    this.name = name;
    this.vault = vault;
    this.mount = mount;
    this.key = key;
  }

  @Override
  public String wrap(byte[] data, byte[] bound) {
    byte[] text = Arrays.copyOf(Sha256.of(bound), HASH_BYTES + data.length);
    System.arraycopy(data, 0, text, HASH_BYTES, data.length);
    try {
      return vault.encrypt(mount, key, text, bound);
    } catch (VaultFailed e) {
      throw unavailable(e);
    } finally {
      Arrays.fill(text, (byte) 0);
    }
  }

  @Override
  public byte[] unwrap(String wrapped, byte[] bound) throws DoesNotOpen {
    if (!wrapped.startsWith("vault:")) {
      throw new DoesNotOpen("it is not what the master key " + name + " wraps");
    }
    byte[] text;
    try {
      text = vault.decrypt(mount, key, wrapped, bound);
    } catch (VaultFailed e) {
      if (e.kind() == VaultFailed.Kind.WRONG) {
        throw new DoesNotOpen("it was changed, or is not of that place, says Vault");
      }
      throw unavailable(e);
    }
    try {
      if (text.length != HASH_BYTES + Gcm.KEY_BYTES
          || !MessageDigest.isEqual(Arrays.copyOf(text, HASH_BYTES), Sha256.of(bound))) {
        throw new DoesNotOpen("it is not of that place");
      }
      return Arrays.copyOfRange(text, HASH_BYTES, text.length);
    } finally {
      Arrays.fill(text, (byte) 0);
    }
  }

  private KeysUnavailable unavailable(VaultFailed e) {
    return new KeysUnavailable("the master key " + name + " cannot be used now: " + e.line(), e);
  }

  @Override
  public String toString() {
    return "master key " + name;
  }
}
