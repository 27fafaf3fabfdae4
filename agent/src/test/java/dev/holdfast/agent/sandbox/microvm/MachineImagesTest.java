package dev.holdfast.agent.sandbox.microvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.microvm.image.BadImage;
import dev.holdfast.agent.sandbox.microvm.image.MachineImage;
import dev.holdfast.agent.sandbox.microvm.image.MachineImages;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images of a very small system; that they boot is {@link MicrovmContractTest}'s to show. */
class MachineImagesTest {
  private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

  @TempDir Path own = Path.of("/nowhere");

  @BeforeEach
  void rootWithAKernel() {
    Assumptions.assumeTrue(HostUser.self().isRoot(), "SKIPPED: images need root");
    Assumptions.assumeTrue(
        System.getenv("HOLDFAST_TEST_KERNEL") != null,
        "SKIPPED: no HOLDFAST_TEST_KERNEL; script/test sets it");
  }

  private Path system(String name) throws Exception {
    Path root = Files.createDirectories(own.resolve(name));
    for (int i = 0; i < 40; i++) {
      Path file = Files.createDirectories(root.resolve("usr/d" + i % 5)).resolve("f" + i);
      Files.writeString(file, "content of " + i);
      Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2025-01-01T00:00:00Z")));
    }
    Files.createSymbolicLink(root.resolve("bin"), Path.of("usr/bin"));
    try (Stream<Path> all = Files.walk(root)) {
      for (Path each : all.filter(Files::isDirectory).toList()) {
        Files.setLastModifiedTime(each, FileTime.from(Instant.parse("2025-01-01T00:00:00Z")));
      }
    }
    return root;
  }

  private MachineImages.Ingredients of(Path system) throws Exception {
    Path guest = own.resolve("guest");
    Files.writeString(guest, "a program");
    return new MachineImages.Ingredients(
        system,
        "a test",
        Path.of(System.getenv("HOLDFAST_TEST_KERNEL")),
        Optional.empty(),
        guest,
        TestMachines.noRunner(own),
        TestMachines.EPOCH);
  }

  @Test
  void theSameFiles_makeTheSameImage() throws Exception {
    MachineImage one = new MachineImages(own.resolve("one")).build("a", of(system("first")), NOW);
    MachineImage two =
        new MachineImages(own.resolve("two")).build("b", of(system("second")), NOW.plusSeconds(9));
    assertThat(two.id()).isEqualTo(one.id());
    Path other = system("third");
    Files.writeString(other.resolve("usr/d0/f0"), "CONTENT of 0");
    MachineImage three = new MachineImages(own.resolve("three")).build("c", of(other), NOW);
    assertThat(three.base()).as("control: another file is another image").isNotEqualTo(one.base());
  }

  @Test
  void anImageThatWasChanged_isFound() throws Exception {
    var images = new MachineImages(own);
    MachineImage image = images.build("default", of(system("root")), NOW);
    assertThat(images.verify(image).problems()).as("control").isEmpty();
    assertThat(images.list()).containsExactly(image);
    try (var base = new RandomAccessFile(images.base(image).toFile(), "rw")) {
      base.seek(base.length() / 2);
      base.write(1);
    }
    assertThat(images.verify(image).problems())
        .singleElement()
        .asString()
        .contains(image.base())
        .contains("build the image again");
    Files.delete(images.kernel(image));
    assertThat(images.verify(image).problems()).hasSize(2);
  }

  @Test
  void whatNoImageHas_isRemovedAndNothingElse() throws Exception {
    var images = new MachineImages(own);
    MachineImage first = images.build("first", of(system("root")), NOW);
    Path other = system("other");
    Files.writeString(other.resolve("usr/more"), "more");
    MachineImage second = images.build("second", of(other), NOW);
    images.forget("second");
    assertThat(images.collect(Instant.now())).as("too young").isEmpty();
    assertThat(images.collect(Instant.now().plus(Duration.ofHours(2))))
        .containsExactly(images.base(second));
    assertThat(images.verify(first).problems()).isEmpty();
  }

  @Test
  void whatIsNoKernel_isRefusedSayingSo() throws Exception {
    MachineImages.Ingredients good = of(system("root"));
    var images = new MachineImages(own);
    Path rubbish = own.resolve("rubbish");
    Files.write(rubbish, new byte[5000]);
    assertThatThrownBy(() -> images.build("a", with(good, rubbish, good.modules()), NOW))
        .isInstanceOf(BadImage.class)
        .hasMessageContaining("is neither a vmlinux (ELF) nor a bzImage");
    assertThatThrownBy(
            () -> images.build("a", with(good, Path.of("/usr/bin/dash"), good.modules()), NOW))
        .isInstanceOf(BadImage.class)
        .hasMessageContaining("CONFIG_PVH");
    byte[] cut = Files.readAllBytes(good.kernel());
    Path damaged = own.resolve("damaged");
    java.util.Arrays.fill(cut, cut.length / 2, cut.length / 2 + 100_000, (byte) 0x5a);
    Files.write(damaged, cut);
    assertThatThrownBy(() -> images.build("a", with(good, damaged, good.modules()), NOW))
        .isInstanceOf(BadImage.class);
    assertThatThrownBy(() -> images.build("a", with(good, good.kernel(), Optional.of(own)), NOW))
        .isInstanceOf(BadImage.class)
        .hasMessageContaining("the kernel's module virtio_mmio is neither in");
    assertThat(images.list()).isEmpty();
  }

  private static MachineImages.Ingredients with(
      MachineImages.Ingredients good, Path kernel, Optional<Path> modules) {
    return new MachineImages.Ingredients(
        good.system(),
        good.said(),
        kernel,
        modules,
        good.guestAgent(),
        good.runner(),
        good.epochSeconds());
  }

  /** Through it, root would write the runner over the host's files. */
  @Test
  void aSystemWhosePlacesAreLinks_writesNothingOutside() throws Exception {
    Path root = system("root");
    Path outside = Files.createDirectories(own.resolve("outside"));
    Files.createSymbolicLink(root.resolve("opt"), outside);
    var images = new MachineImages(own);
    assertThatThrownBy(() -> images.build("a", of(root), NOW))
        .isInstanceOf(BadImage.class)
        .hasMessageContaining("/opt is a symbolic link");
    assertThat(outside).isEmptyDirectory();
    Files.delete(root.resolve("opt"));
    Files.createDirectory(root.resolve("opt"));
    Files.createSymbolicLink(root.resolve("opt/holdfast"), outside);
    assertThatThrownBy(() -> images.build("a", of(root), NOW))
        .isInstanceOf(BadImage.class)
        .hasMessageContaining("/opt/holdfast is a symbolic link");
    assertThat(outside).isEmptyDirectory();
  }
}
