package dev.holdfast.runner.job;

import dev.holdfast.model.definition.Step;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.wire.channel.SecretValues;
import dev.holdfast.runner.secret.StepSecrets;
import dev.holdfast.runner.secret.Variables;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What one step is given of secrets, and what it did with them, until it is over. Thread-safe. */
public final class SecretsOfStep implements AutoCloseable {
  private final StepSecrets secrets;
  private final Map<String, String> withheld;
  private final Path directory;
  private final Map<String, String> exposed = new LinkedHashMap<>();
  private final Map<String, Path> files = new LinkedHashMap<>();

  /**
   * @param secrets given away
   * @param withheld why it is not given others that it names
   * @param directory the job's own, for files
   */
  SecretsOfStep(StepSecrets secrets, Map<String, String> withheld, Path directory) {
    this.secrets = secrets;
    this.withheld = Map.copyOf(withheld);
    this.directory = directory;
  }

  /** Of a step that is given none. */
  static SecretsOfStep none() {
    return new SecretsOfStep(StepSecrets.none(), Map.of(), Path.of("/"));
  }

  /** What a command declares, as far as it is given. */
  Variables of(Step.Command step) {
    var names = new LinkedHashMap<String, String>();
    step.secrets()
        .forEach((variable, name) -> {
          if (has(name.value())) {
            names.put(variable, name.value());
          }
        });
    step.identity()
        .forEach((variable, audience) -> {
          String token = SecretValues.token(audience.value());
          if (secrets.names().contains(token)) {
            names.put(variable, token);
          }
        });
    return new Variables(secrets, names);
  }

  public boolean has(String name) {
    return !SecretValues.isToken(name) && secrets.names().contains(name);
  }

  public List<String> list() {
    return secrets.list().stream().filter(name -> !SecretValues.isToken(name)).toList();
  }

  /** The token for {@code audience}, as a text of the caller's own. */
  public String identity(String audience) {
    String name = SecretValues.token(audience);
    if (!secrets.names().contains(name)) {
      String why = withheld.get(name);
      throw new IllegalArgumentException(
          why == null
              ? "the step does not ask for a token for "
                  + Quote.of(audience)
                  + "; add identity(\"…\") to it, where reviewers see it"
              : "the token for " + Quote.of(audience) + " is not given: " + why);
    }
    return text(name);
  }

  /** The value, as a text of the caller's own. */
  public String get(String name) {
    known(name);
    return text(name);
  }

  private String text(String name) {
    return secrets.use(
        name,
        value -> {
          byte[] bytes = new byte[value.remaining()];
          value.get(bytes);
          var text = new String(bytes, StandardCharsets.UTF_8);
          Arrays.fill(bytes, (byte) 0);
          return text;
        });
  }

  /** Puts it into the environment of scripts that are started from now on. */
  public synchronized void expose(String name, String variable) {
    known(name);
    if (!variable.matches("[A-Za-z_][A-Za-z0-9_]{0,199}") || variable.startsWith("HOLDFAST_")) {
      throw new IllegalArgumentException(
          Quote.of(variable) + " cannot be the name of a variable that holds a secret");
    }
    String unfit = new Variables(secrets, Map.of(variable, name)).unfit();
    if (!unfit.isEmpty()) {
      throw new IllegalArgumentException(unfit);
    }
    exposed.put(variable, name);
  }

  /** What was exposed so far. */
  public synchronized Variables exposed() {
    return new Variables(secrets, exposed);
  }

  /** Puts it into a file in memory; the same each time. */
  public synchronized Path mountFile(String name) throws IOException {
    known(name);
    Path there = files.get(name);
    if (there != null) {
      return there;
    }
    Path file = memory().resolve("secret-" + System.nanoTime() + "-" + name);
    secrets.<Integer, IOException>use(name, value -> write(file, value));
    files.put(name, file);
    return file;
  }

  private int write(Path file, ByteBuffer value) throws IOException {
    var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    try (var out =
        FileChannel.open(
            file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode)) {
      int length = 0;
      while (value.hasRemaining()) {
        length += out.write(value);
      }
      return length;
    }
  }

  /** A directory that nobody else can open, and that is never on a disk. */
  private Path memory() throws IOException {
    var tried = new ArrayList<String>();
    for (Path place : List.of(directory, Path.of("/dev/shm"))) {
      if (Files.isDirectory(place) && Files.isWritable(place)) {
        String type = Files.getFileStore(place).type();
        if (type.equals("tmpfs")) {
          return place;
        }
        tried.add(place + " is " + type);
      }
    }
    throw new IllegalStateException(
        "there is no file system in memory for a file with a secret: " + String.join(", ", tried));
  }

  private void known(String name) {
    if (!has(name)) {
      String why = withheld.get(name);
      throw new IllegalArgumentException(
          why == null
              ? "the step does not name the secret "
                  + Quote.of(name)
                  + "; it names "
                  + (list().isEmpty() ? "none" : String.join(", ", list()))
              : "the secret " + name + " is not given: " + why);
    }
  }

  /** Wipes the values, and what was put into files. */
  @Override
  public synchronized void close() throws IOException {
    secrets.close();
    for (Path file : files.values()) {
      // Emptied first: the step may have given it other names.
      if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        FileChannel.open(
                file,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING,
                LinkOption.NOFOLLOW_LINKS)
            .close();
      }
      Files.deleteIfExists(file);
    }
  }
}
