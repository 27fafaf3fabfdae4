import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Puts several jars into one: {@code FatJar OUT.jar MAIN-CLASS IN.jar...}. The same input gives the
 * same bytes. Nothing is merged: two jars with the same entry are refused, so that no class can
 * shadow another. Entries are stored, not deflated: the runner's start reads them.
 */
final class FatJar {
  private static final long TIME = 315_532_800_000L; // 1980-01-01, the zip format's first day
  private static final Set<String> LICENSES = Set.of("LICENSE", "NOTICE", "AL2.0", "LGPL2.1");

  private record Entry(String origin, byte[] bytes) {}

  public static void main(String[] args) throws IOException {
    Map<String, Entry> entries = new TreeMap<>();
    var manifest = "Manifest-Version: 1.0\r\nMain-Class: " + args[1] + "\r\n\r\n";
    entries.put("META-INF/MANIFEST.MF", new Entry("FatJar", manifest.getBytes("US-ASCII")));
    List<String> clashes = new ArrayList<>();
    for (int i = 2; i < args.length; i++) {
      read(Path.of(args[i]), entries, clashes);
    }
    if (!clashes.isEmpty()) {
      clashes.forEach(System.err::println);
      System.exit(1);
    }
    write(Path.of(args[0]), entries);
  }

  private static void read(Path jar, Map<String, Entry> entries, List<String> clashes)
      throws IOException {
    var origin = jar.getFileName().toString();
    try (var zip = new ZipFile(jar.toFile())) {
      for (var entry : (Iterable<ZipEntry>) zip.stream().<ZipEntry>map(e -> e)::iterator) {
        var name = placeOf(entry.getName(), origin);
        if (entry.isDirectory() || name.isEmpty()) {
          continue;
        }
        var bytes = zip.getInputStream(entry).readAllBytes();
        var other = entries.putIfAbsent(name, new Entry(origin, bytes));
        if (other != null) {
          clashes.add(name + " is in " + other.origin + " and in " + origin);
        }
      }
    }
  }

  /** Where an entry goes, or "" where it is left out. */
  private static String placeOf(String name, String origin) {
    if (!name.startsWith("META-INF/")) {
      return name.equals("module-info.class") ? "" : name;
    }
    var rest = name.substring("META-INF/".length());
    var stem = rest.replaceFirst("\\.(txt|md)$", "");
    if (LICENSES.contains(stem) || stem.endsWith("-LICENSE") || stem.endsWith("-NOTICE")) {
      return "META-INF/licenses/" + origin.replaceFirst("\\.jar$", "") + "/" + rest;
    }
    return rest.startsWith("services/") ? name : "";
  }

  private static void write(Path out, Map<String, Entry> entries) throws IOException {
    try (var zip = new ZipOutputStream(Files.newOutputStream(out))) {
      zip.setMethod(ZipOutputStream.STORED);
      for (var each : entries.entrySet()) {
        var bytes = each.getValue().bytes;
        var crc = new CRC32();
        crc.update(bytes);
        var entry = new ZipEntry(each.getKey());
        entry.setTime(TIME);
        entry.setSize(bytes.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
      }
    }
  }
}
