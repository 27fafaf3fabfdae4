package dev.holdfast.probe.kit;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes more of something than it should have, and stops a little above the limit. */
final class Appetite {
  private static final long MIB = 1024 * 1024;

  private Appetite() {}

  /** Writes to {@code most} MiB of memory. Where there is a limit, this process is killed. */
  static void memory(long most) {
    Arena arena = Arena.global();
    for (long taken = 0; taken < most; taken += 16) {
      var piece = arena.allocate(16 * MIB, 4096);
      for (long at = 0; at < 16 * MIB; at += 4096) {
        piece.set(java.lang.foreign.ValueLayout.JAVA_BYTE, at, (byte) 1);
      }
    }
    Say.through(most + " MiB of memory are in use");
  }

  static void threads(int most) throws InterruptedException {
    var end = new CountDownLatch(1);
    var began = new AtomicInteger();
    var all = new ArrayList<Thread>();
    try {
      for (int i = 0; i < most; i++) {
        var thread =
            new Thread(
                null,
                () -> {
                  began.incrementAndGet();
                  try {
                    end.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                },
                "greedy",
                128 * 1024);
        thread.setDaemon(true);
        thread.start();
        all.add(thread);
      }
      Say.through(most + " threads at a time");
    } catch (OutOfMemoryError e) {
      Say.stopped("no more than " + all.size() + " threads");
    } finally {
      end.countDown();
    }
  }

  /** Whether more is got than {@code thousandths} of a cpu, by half, over two seconds. */
  static void cpu(int thousandths) throws InterruptedException {
    Duration before = used();
    long began = System.nanoTime();
    long end = began + Duration.ofSeconds(2).toNanos();
    var all = new ArrayList<Thread>();
    for (int i = 0; i < 4; i++) {
      all.add(
          Thread.ofPlatform()
              .start(() -> {
                while (System.nanoTime() < end) {
                  Thread.onSpinWait();
                }
              }));
    }
    for (Thread thread : all) {
      thread.join();
    }
    long share = used().minus(before).toNanos() * 1000 / (System.nanoTime() - began);
    String says = share + " thousandths of a cpu, where " + thousandths + " are allowed";
    if (share > thousandths * 3L / 2) {
      Say.through(says);
    } else {
      Say.stopped(says);
    }
  }

  private static Duration used() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  static void files(int most) {
    long name = Kernel.text("/dev/null");
    for (int i = 0; i < most; i++) {
      var opened = Kernel.call(Call.OPENAT, -100, name, 0);
      if (!opened.ok()) {
        Say.stopped("no more than " + i + " open files: " + opened.words());
        return;
      }
    }
    Say.through(most + " open files");
  }

  /** Empty files in the workspace, 1000 in a folder. */
  static void smallFiles(int most) throws IOException {
    int made = 0;
    try {
      Path folder = Path.of("many");
      while (made < most) {
        if (made % 1000 == 0) {
          folder = Files.createDirectories(Path.of("many", Integer.toString(made)));
        }
        Files.createFile(folder.resolve(Integer.toString(made++)));
      }
      Say.through(most + " files");
    } catch (FileSystemException e) {
      Say.stopped("no more than " + made + " files: " + e.getReason());
    }
  }
}
