package dev.holdfast.agent.sandbox.microvm.image;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.model.digest.Sha256;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.json.Records;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code DATA/microvm/}: files by the digest of what they are, and a record for each image. A file
 * that is there does not change; it is written beside, then renamed.
 *
 * <p>Machines hold a base open while they run, so that removing one takes nothing from them.
 */
public final class MachineImages {
  private static final String RECORD = ".json";

  /** What is younger may be part of an image that is being made just now. */
  private static final Duration SETTLED = Duration.ofHours(1);

  private final Path directory;

  /**
   * @param data the agent's data directory
   */
  public MachineImages(Path data) {
    this.directory = data.resolve("microvm");
  }

  /**
   * What an image is made from.
   *
   * @param system a directory that is the root of a system, or a tar archive of one
   * @param said of it in the record
   * @param kernel a {@code vmlinux} or {@code bzImage}
   * @param modules of that kernel, {@code lib/modules/VERSION}; where absent, beside the kernel's
   *     {@code boot/}
   * @param guestAgent the program
   * @param runner the {@code runner/} directory of a distribution
   * @param epochSeconds that nothing in the base is newer than
   */
  public record Ingredients(
      Path system,
      String said,
      Path kernel,
      Optional<Path> modules,
      Path guestAgent,
      Path runner,
      long epochSeconds) {}

  /** What {@link #verify} found of one image; nothing in {@code problems} if it is whole. */
  public record Verified(MachineImage image, List<String> problems) {}

  /** Makes an image and calls it {@code name}, which may have been another's. */
  public MachineImage build(String name, Ingredients from, Instant now)
      throws BadImage, InterruptedException {
    if (!MachineImage.isName(name)) {
      throw new BadImage(
          "an image cannot be called " + Quote.of(name) + "; use a-z, 0-9, '.', '_' and '-'");
    }
    if (!HostUser.self().isRoot()) {
      throw new BadImage(
          "whose files are whose in an image is root's to say; run this command as root");
    }
    Path work = work();
    try {
      KernelImage kernel = KernelImage.read(from.kernel(), work.resolve("kernel"));
      Path modules = from.modules().orElse(beside(from.kernel(), kernel.version()));
      byte[] agent = Files.readAllBytes(from.guestAgent());
      byte[] initramfs = Initramfs.of(agent, KernelModules.in(modules));
      String runner = Files.readString(from.runner().resolve("VERSION")).strip();
      Path tree = Files.createDirectory(work.resolve("tree"));
      Files.setPosixFilePermissions(tree, PosixFilePermissions.fromString("rwxr-xr-x"));
      var files = new RootFiles(tree, from.epochSeconds());
      files.system(from.system());
      files.holdfast(from.runner());
      Path base = work.resolve("base");
      files.write(base);
      String kernelDigest = digest(kernel.elf());
      move(kernel.elf(), kernelDigest + ".vmlinux");
      String initramfsDigest = keep(initramfs, work, "initramfs");
      String baseDigest = digest(base);
      long bytes = Files.size(base);
      move(base, baseDigest + ".ext4");
      var image =
          new MachineImage(
              Sha256.hex(baseDigest + kernelDigest + initramfsDigest),
              name,
              baseDigest,
              bytes,
              kernelDigest,
              kernel.version(),
              initramfsDigest,
              runner,
              from.said(),
              now);
      Path record = work.resolve("record");
      Files.write(record, Records.utf8(MachineImage.class, image));
      Files.move(record, directory.resolve(name + RECORD), StandardCopyOption.ATOMIC_MOVE);
      return image;
    } catch (IOException e) {
      throw new BadImage("the image " + name + " cannot be made: " + e, e);
    } finally {
      remove(work);
    }
  }

  private static Path beside(Path kernel, String version) {
    Path boot = kernel.toAbsolutePath().normalize().getParent();
    Path root = boot == null || boot.getParent() == null ? Path.of("/") : boot.getParent();
    return root.resolve("lib/modules").resolve(version);
  }

  private Path work() throws BadImage {
    try {
      Files.createDirectories(directory);
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
      return Files.createTempDirectory(directory, "making-");
    } catch (IOException e) {
      throw new BadImage("the directory of images " + directory + " cannot be used: " + e, e);
    }
  }

  private static void remove(Path work) throws BadImage, InterruptedException {
    try {
      Process rm =
          new ProcessBuilder("rm", "-rf", "--one-file-system", "--", work.toString()).start();
      if (rm.waitFor() != 0) {
        throw new IOException("rm ended with " + rm.exitValue());
      }
    } catch (IOException e) {
      throw new BadImage("what was unpacked in " + work + " cannot be removed; remove it: " + e, e);
    }
  }

  private String keep(byte[] content, Path work, String suffix) throws IOException {
    String digest = HexFormat.of().formatHex(Sha256.of(content));
    Path file = work.resolve(suffix);
    Files.write(file, content);
    move(file, digest + "." + suffix);
    return digest;
  }

  private void move(Path made, String name) throws IOException {
    Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("r--r--r--"));
    Files.move(made, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private static String digest(Path file) throws IOException {
    try (var in = new DigestInputStream(Files.newInputStream(file), Sha256.start())) {
      in.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(in.getMessageDigest().digest());
    }
  }

  public Path base(MachineImage image) {
    return directory.resolve(image.base() + ".ext4");
  }

  public Path kernel(MachineImage image) {
    return directory.resolve(image.kernel() + ".vmlinux");
  }

  public Path initramfs(MachineImage image) {
    return directory.resolve(image.initramfs() + ".initramfs");
  }

  /** All that have a record, by name. */
  public List<MachineImage> list() throws BadImage {
    var found = new ArrayList<MachineImage>();
    if (!Files.isDirectory(directory)) {
      return found;
    }
    try (var records = Files.newDirectoryStream(directory, "*" + RECORD)) {
      for (Path record : records) {
        found.add(read(record));
      }
    } catch (IOException e) {
      throw new BadImage("the images in " + directory + " cannot be read: " + e, e);
    }
    found.sort(Comparator.comparing(MachineImage::name));
    return found;
  }

  private static MachineImage read(Path record) throws IOException, BadImage {
    try {
      return Records.read(MachineImage.class, Files.readAllBytes(record));
    } catch (MalformedJson e) {
      throw new BadImage(
          "the record of an image "
              + record
              + " is damaged: "
              + e.getMessage()
              + "; build that image again",
          e);
    }
  }

  /** The one that is called {@code name}. */
  public MachineImage named(String name) throws BadImage {
    Path record = directory.resolve(name + RECORD);
    if (!MachineImage.isName(name) || !Files.exists(record)) {
      throw new BadImage(
          "there is no image "
              + Quote.of(name)
              + " in "
              + directory
              + "; make it by `holdfast image build "
              + name
              + "`, `holdfast image list` shows what is there");
    }
    try {
      return read(record);
    } catch (IOException e) {
      throw new BadImage("the record " + record + " cannot be read: " + e, e);
    }
  }

  /** Reads every byte of an image. */
  public Verified verify(MachineImage image) throws BadImage {
    var problems = new ArrayList<String>();
    try {
      check(base(image), image.base(), problems);
      check(kernel(image), image.kernel(), problems);
      check(initramfs(image), image.initramfs(), problems);
    } catch (IOException e) {
      throw new BadImage("the image " + image.name() + " cannot be read: " + e, e);
    }
    return new Verified(image, problems);
  }

  private static void check(Path file, String digest, List<String> problems) throws IOException {
    if (!Files.isRegularFile(file)) {
      problems.add(file + " is not there; build the image again");
    } else if (!digest(file).equals(digest)) {
      problems.add(file + " is not what its name says; remove it, and build the image again");
    }
  }

  /** Forgets the image {@code name}; its files go with the next {@link #collect}. */
  public void forget(String name) throws BadImage {
    named(name);
    try {
      Files.deleteIfExists(directory.resolve(name + RECORD));
    } catch (IOException e) {
      throw new BadImage("the image " + name + " cannot be removed: " + e, e);
    }
  }

  /**
   * Removes files that no image has.
   *
   * @return what was removed
   */
  public List<Path> collect(Instant now) throws BadImage, InterruptedException {
    Set<Path> used = new HashSet<>();
    for (MachineImage image : list()) {
      used.addAll(List.of(base(image), kernel(image), initramfs(image)));
    }
    var removed = new ArrayList<Path>();
    if (!Files.isDirectory(directory)) {
      return removed;
    }
    try (var files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        boolean content = name.matches("[0-9a-f]{64}\\.(ext4|vmlinux|initramfs)");
        boolean unfinished = name.startsWith("making-");
        Instant changed = Files.getLastModifiedTime(file).toInstant();
        if ((content || unfinished)
            && !used.contains(file)
            && changed.isBefore(now.minus(SETTLED))) {
          remove(file);
          removed.add(file);
        }
      }
    } catch (IOException e) {
      throw new BadImage("the images in " + directory + " cannot be looked through: " + e, e);
    }
    return removed;
  }
}
