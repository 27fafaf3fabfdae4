package dev.holdfast.orchestrator.forge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The hook that notes each push to a bare repository in a file, for a {@link SpoolWatcher}. It
 * knows no address and no secret, and works while no server runs. A hook that was there before is
 * kept and still called.
 */
public final class Hook {
  /** Below a repository: where the hook leaves its files. */
  static final String SPOOL = "holdfast/spool";

  private static final String NAME = "post-receive";
  private static final String BEFORE = "post-receive.before-holdfast";
  private static final String MARK = "holdfast-hook";

  /**
   * Names are only ever moved through, never looked at: a ref can be called {@code $(reboot)}. The
   * time comes first in the file's name, so that files sort in the order of pushes; the process
   * makes it unique.
   */
  private static final String SCRIPT =
      """
      #!/bin/sh
      # holdfast-hook 1: notes pushes for Holdfast. `holdfast repo remove` takes it away again.
      spool="${GIT_DIR:-.}/holdfast/spool"
      now=$(date +%s%N)
      case $now in *[!0-9]*) now=$(date +%s)000000000 ;; esac
      new="$spool/.new-$now-$$"
      if { [ -d "$spool" ] || mkdir -p "$spool"; } && cat >"$new" && exec 3<"$new" &&
        mv "$new" "$spool/$now-$$"
      then
        echo "Holdfast: noted; see it with: holdfast runs"
      else
        echo "Holdfast: this push could not be noted in $spool, so nothing is run for it" >&2
        [ -f "$new" ] && exec 3<"$new" || exec 3</dev/null
      fi
      before=${0%/*}/post-receive.before-holdfast
      [ -x "$before" ] && exec "$before" <&3
      exit 0
      """;

  private Hook() {}

  /**
   * Puts the hook in place, also where it is already.
   *
   * @throws IOException if {@code bareRepo} is no bare repository, or cannot be written to
   */
  public static void install(Path bareRepo) throws IOException {
    if (!Files.isRegularFile(bareRepo.resolve("HEAD"))
        || !Files.isDirectory(bareRepo.resolve("objects"))) {
      throw new IOException(
          bareRepo
              + " is not a bare git repository; make one with `git init --bare "
              + bareRepo
              + "`");
    }
    Path hooks = bareRepo.resolve("hooks");
    Path hook = hooks.resolve(NAME);
    Files.createDirectories(hooks);
    Files.createDirectories(bareRepo.resolve(SPOOL));
    if (Files.exists(hook, java.nio.file.LinkOption.NOFOLLOW_LINKS) && !isOurs(hook)) {
      Path before = hooks.resolve(BEFORE);
      if (Files.exists(before, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException(
            "both " + hook + " and " + before + " are other hooks; remove one of them first");
      }
      Files.move(hook, before, StandardCopyOption.ATOMIC_MOVE);
    }
    Path fresh = Files.createTempFile(hooks, ".holdfast", ".new");
    Files.writeString(fresh, SCRIPT);
    Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.move(fresh, hook, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Takes the hook away and puts back the one that was there before. Pushes noted stay. */
  public static void remove(Path bareRepo) throws IOException {
    Path hook = bareRepo.resolve("hooks").resolve(NAME);
    Path before = bareRepo.resolve("hooks").resolve(BEFORE);
    if (Files.exists(hook) && isOurs(hook)) {
      if (Files.exists(before, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
        Files.move(
            before, hook, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } else {
        Files.delete(hook);
      }
    }
  }

  private static boolean isOurs(Path hook) throws IOException {
    if (!Files.isRegularFile(hook) || Files.size(hook) > 64 * 1024) {
      return false;
    }
    return new String(Files.readAllBytes(hook), java.nio.charset.StandardCharsets.ISO_8859_1)
        .contains("# " + MARK);
  }
}
