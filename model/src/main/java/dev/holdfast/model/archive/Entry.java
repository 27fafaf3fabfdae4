package dev.holdfast.model.archive;

import dev.holdfast.model.json.Quote;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * One thing in an archive. There are no other kinds: no devices, pipes or hard links, no owners, no
 * rights but that a file may be executed.
 */
public sealed interface Entry {
  /** A relative path of plain names, joined by slashes. */
  String name();

  record Folder(String name) implements Entry {
    public Folder {
      Names.check(name);
    }
  }

  /**
   * @param modified in seconds since 1970
   */
  record File(String name, boolean executable, long size, long modified) implements Entry {
    public File {
      Names.check(name);
      if (size < 0) {
        throw new IllegalArgumentException("a file of the archive has a negative size");
      }
    }
  }

  /**
   * A symbolic link to something that the archive's root holds.
   *
   * @param target relative; leads up, if at all, only at its beginning
   */
  record Link(String name, String target) implements Entry {
    public Link {
      Names.check(name);
    }

    /**
     * Refuses a link that could lead out. Below folders that are none but folders, as all are that
     * an archive is unpacked to, each step of the target stays inside: what leads up comes first,
     * and what a later link in the way leads to is inside by the same rule.
     *
     * @param depth how many of the first names of an entry are its root's
     */
    public void check(int depth) throws BadArchive {
      List<String> steps = List.of(target.split("/", -1));
      int up = 0;
      while (up < steps.size() && steps.get(up).equals("..")) {
        up++;
      }
      int may = name.split("/", -1).length - 1 - depth;
      boolean plain =
          steps.subList(up, steps.size()).stream()
              .allMatch(step -> !step.isEmpty() && !step.equals("..") && !step.equals("."));
      if (up > may
          || !plain
          || target.getBytes(StandardCharsets.UTF_8).length > Names.LONGEST
          || Names.unprintable(target)) {
        throw new BadArchive(
            "the link "
                + Quote.of(name)
                + " leads to "
                + Quote.of(target)
                + ", which is not for sure in the same folder; leave it out, or make it a link to a"
                + " file beside it");
      }
    }
  }
}
