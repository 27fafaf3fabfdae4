package dev.holdfast.agent.sandbox.microvm.firecracker;

import dev.holdfast.agent.sandbox.microvm.firecracker.standin.ApiDescription;
import dev.holdfast.model.json.JsonText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import tools.jackson.core.JsonParser;

/**
 * What every stand-in is started from, made once: its classes in one jar, where a machine's user
 * can read them, the description as JSON, and a start-up cache, without which most of the time of
 * these tests would be Java's own start.
 */
final class Equipment {
  private static final List<String> FLAGS =
      List.of(
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseSerialGC",
          "-XX:-UsePerfData",
          "-Xmx48m",
          "-Xlog:disable");

  private static Optional<Path> made = Optional.empty();

  private Equipment() {}

  static synchronized Path library(Path description) throws IOException, InterruptedException {
    if (made.isEmpty()) {
      Path library = Files.createTempDirectory("hflib");
      Files.setPosixFilePermissions(library, PosixFilePermissions.fromString("rwxr-xr-x"));
      Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(library)));
      Path json = library.resolve("api.json");
      Files.write(json, JsonText.utf8(StandIn.parsed(description).document()));
      Path jar = library.resolve("stand-in.jar");
      var seen = new HashSet<String>();
      try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
        add(JsonText.class, "dev/holdfast/model/json", out, seen);
        add(JsonParser.class, "", out, seen);
        add(
            ApiDescription.class,
            ApiDescription.class.getPackageName().replace('.', '/'),
            out,
            seen);
      }
      StandIn.run(
          "sh",
          "-c",
          "exec \"$0\" "
              + String.join(" ", FLAGS)
              + " -XX:AOTCacheOutput=\"$1\" -cp \"$2\" "
              + "dev.holdfast.agent.sandbox.microvm.firecracker.standin.FirecrackerDouble"
              + " rehearse \"$3\"",
          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          library.resolve("stand-in.aot").toString(),
          jar.toString(),
          json.toString());
      made = Optional.of(library);
    }
    return made.get();
  }

  static String flags(Path library) {
    return String.join(" ", FLAGS) + " -XX:AOTCache=" + library.resolve("stand-in.aot");
  }

  private static void add(Class<?> type, String below, JarOutputStream out, Set<String> seen)
      throws IOException {
    Path from = Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath());
    if (Files.isDirectory(from)) {
      add(from, below, out, seen);
      return;
    }
    try (var jar = FileSystems.newFileSystem(from)) {
      add(jar.getPath("/"), below, out, seen);
    }
  }

  private static void add(Path root, String below, JarOutputStream out, Set<String> seen)
      throws IOException {
    try (Stream<Path> files = Files.walk(root.resolve(below))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = root.relativize(file).toString();
        if (name.endsWith(".class") && seen.add(name)) {
          out.putNextEntry(new JarEntry(name));
          Files.copy(file, out);
          out.closeEntry();
        }
      }
    }
  }

  private static void remove(Path library) {
    try (Stream<Path> files = Files.list(library)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(library);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
