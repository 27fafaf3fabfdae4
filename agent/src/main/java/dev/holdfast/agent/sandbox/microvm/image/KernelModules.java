package dev.holdfast.agent.sandbox.microvm.image;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;

/** The modules that a machine needs to find its disks, its line and its network, in order. */
final class KernelModules {
  private static final List<String> NEEDED =
      List.of(
          "virtio_mmio",
          "virtio_pci",
          "virtio_blk",
          "virtio_net",
          "virtio_console",
          "virtio_rng",
          "overlay",
          "vmw_vsock_virtio_transport");

  private static final int MOST_BYTES = 16 * 1024 * 1024;
  private static final String SUFFIX = "\\.ko(\\.gz|\\.xz)?";

  private final Map<String, Path> there = new HashMap<>();
  private final Set<String> builtIn = new HashSet<>();
  private final Map<String, byte[]> ordered = new LinkedHashMap<>();

  private KernelModules() {}

  /**
   * @param directory {@code lib/modules/VERSION} of the kernel
   * @return by file name, those that another needs before it
   * @throws BadImage if one is neither there nor built into the kernel
   */
  static Map<String, byte[]> in(Path directory) throws BadImage {
    var modules = new KernelModules();
    try (var files = Files.walk(directory)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        String name = String.valueOf(file.getFileName());
        if (name.matches(".*" + SUFFIX)) {
          modules.there.put(plain(name), file);
        }
      }
      Path list = directory.resolve("modules.builtin");
      if (Files.exists(list)) {
        for (String line : Files.readAllLines(list)) {
          modules.builtIn.add(plain(line.substring(line.lastIndexOf('/') + 1)));
        }
      }
      for (String name : NEEDED) {
        modules.add(name, directory, new HashSet<>());
      }
    } catch (IOException e) {
      throw new BadImage(
          "the kernel's modules in " + directory + " cannot be read: " + e + "; name --modules", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BadImage("interrupted while the kernel's modules were read", e);
    }
    return modules.ordered;
  }

  private static String plain(String file) {
    return file.replaceFirst(SUFFIX + "$", "").replace('-', '_');
  }

  private void add(String name, Path directory, Set<String> above)
      throws IOException, BadImage, InterruptedException {
    if (builtIn.contains(name) || ordered.containsKey(name + ".ko")) {
      return;
    }
    Path file = there.get(name);
    if (file == null || !above.add(name)) {
      throw new BadImage(
          "the kernel's module "
              + name
              + " is neither in "
              + directory
              + " nor built into the kernel (modules.builtin); name the lib/modules directory of"
              + " that very kernel by --modules");
    }
    byte[] bytes = read(file);
    for (String needed : depends(bytes)) {
      add(needed.replace('-', '_'), directory, above);
    }
    ordered.put(name + ".ko", bytes);
  }

  private static byte[] read(Path file) throws IOException, InterruptedException {
    byte[] bytes = Files.readAllBytes(file);
    String name = file.toString();
    if (name.endsWith(".gz")) {
      try (var in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
        return in.readNBytes(MOST_BYTES);
      }
    }
    if (!name.endsWith(".xz")) {
      return bytes;
    }
    Process xz = new ProcessBuilder("xz", "--decompress", "--stdout", "--", name).start();
    byte[] unpacked = xz.getInputStream().readNBytes(MOST_BYTES);
    if (!xz.waitFor(1, TimeUnit.MINUTES) || xz.exitValue() != 0) {
      xz.destroyForcibly();
      throw new IOException("xz cannot unpack " + name + "; apt-get install xz-utils");
    }
    return unpacked;
  }

  /** What its section {@code .modinfo} says, which is text between zeros wherever it stands. */
  static List<String> depends(byte[] module) {
    String text = new String(module, StandardCharsets.ISO_8859_1);
    int at = text.indexOf("\0depends=");
    if (at < 0) {
      return List.of();
    }
    String list = text.substring(at + 9, text.indexOf('\0', at + 9));
    var names = new ArrayList<String>();
    for (String name : list.split(",", -1)) {
      if (!name.isEmpty()) {
        names.add(name);
      }
    }
    return names;
  }
}
