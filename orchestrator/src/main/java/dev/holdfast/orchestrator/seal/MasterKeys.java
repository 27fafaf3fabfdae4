package dev.holdfast.orchestrator.seal;

import dev.holdfast.orchestrator.vault.Vault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The master keys that there are, by name; the first one wraps, the others unwrap what they wrapped
 * before. Without a file about them they are files beside each other, of which the newest is first.
 * Thread-safe.
 */
public final class MasterKeys implements AutoCloseable {
  private static final Pattern FILE = Pattern.compile("master(?:-([1-9][0-9]{0,5}))?\\.key");

  private final Path folder;
  private final Optional<Path> file;
  private final Optional<Path> credentials;
  private final List<Vault> opened = new CopyOnWriteArrayList<>();
  private volatile KeysFile.Ring ring;

  private MasterKeys(
      Path folder, Optional<Path> file, Optional<Path> credentials, KeysFile.Ring ring) {
    this.folder = folder;
    this.file = file;
    this.credentials = credentials;
    this.ring = ring;
    opened.addAll(ring.vaults().values());
  }

  /**
   * Reads them.
   *
   * @param folder where their files are, if {@code file} does not say otherwise; the first is made
   * @param file what the operator wrote of them
   * @param credentials the folder that systemd names to the service, as CREDENTIALS_DIRECTORY
   * @throws IOException if one cannot be used, with the mend
   */
  public static MasterKeys open(Path folder, Optional<Path> file, Optional<Path> credentials)
      throws IOException {
    return new MasterKeys(folder, file, credentials, read(folder, file, credentials));
  }

  private static KeysFile.Ring read(Path folder, Optional<Path> file, Optional<Path> credentials)
      throws IOException {
    if (file.isPresent()) {
      KeysFile.Ring said = KeysFile.read(file.get(), credentials);
      // A file may be about vaults alone.
      return said.keys().isEmpty() ? new KeysFile.Ring(inFolder(folder), said.vaults()) : said;
    }
    return new KeysFile.Ring(inFolder(folder), Map.of());
  }

  private static Map<String, MasterKey> inFolder(Path folder) throws IOException {
    List<Path> files = files(folder);
    if (files.isEmpty()) {
      KeyFile.open(folder.resolve("master.key"), KeyFile.random(Gcm.KEY_BYTES));
      files = files(folder);
    }
    var keys = new LinkedHashMap<String, MasterKey>();
    for (Path one : files) {
      String name = one.getFileName().toString().replace(".key", "");
      byte[] key = KeyFile.open(one, KeyFile.random(Gcm.KEY_BYTES));
      if (key.length != Gcm.KEY_BYTES) {
        throw new IOException("the key " + one + " is damaged; restore it from a backup");
      }
      keys.put(name, new LocalKey(name, key));
    }
    return keys;
  }

  /** The newest first. */
  private static List<Path> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(one -> FILE.matcher(one.getFileName().toString()).matches())
          .sorted(Comparator.comparing(MasterKeys::number).reversed())
          .toList();
    }
  }

  private static int number(Path file) {
    Matcher name = FILE.matcher(file.getFileName().toString());
    return name.matches() && name.group(1) != null ? Integer.parseInt(name.group(1)) : 1;
  }

  /** The name of the one that wraps now. */
  public String current() {
    return ring.keys().keySet().iterator().next();
  }

  /** Their names, the one that wraps first. */
  public List<String> names() {
    return new ArrayList<>(ring.keys().keySet());
  }

  /**
   * The one of this name.
   *
   * @throws KeysUnavailable if there is none
   */
  MasterKey key(String name) {
    MasterKey key = ring.keys().get(name);
    if (key == null) {
      throw new KeysUnavailable(
          "the master key "
              + name
              + " is not here; "
              + file.map(f -> "write it into " + f)
                  .orElse("restore " + folder.resolve(name + ".key"))
              + " and restart the server",
          null);
    }
    return key;
  }

  /** The vault of this name. */
  public Optional<Vault> vault(String name) {
    return Optional.ofNullable(ring.vaults().get(name));
  }

  /**
   * Reads them again, and where they are files beside each other makes a new one, which is first
   * from then on. What is under way goes on with the old ones, which stay.
   *
   * @throws IOException if one cannot be used; then nothing has changed
   */
  synchronized void renew() throws IOException {
    if (file.isEmpty() || KeysFile.read(file.get(), credentials).keys().isEmpty()) {
      int next = files(folder).stream().mapToInt(MasterKeys::number).max().orElse(0) + 1;
      KeyFile.open(folder.resolve("master-" + next + ".key"), KeyFile.random(Gcm.KEY_BYTES));
    }
    KeysFile.Ring read = read(folder, file, credentials);
    opened.addAll(read.vaults().values());
    ring = read;
  }

  @Override
  public void close() {
    opened.forEach(Vault::close);
  }
}
