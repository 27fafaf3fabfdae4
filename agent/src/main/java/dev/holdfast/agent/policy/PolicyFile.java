package dev.holdfast.agent.policy;

import dev.holdfast.agent.keep.Keep;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.microvm.MicrovmSettings;
import dev.holdfast.agent.sandbox.microvm.Warm;
import dev.holdfast.agent.sandbox.microvm.image.MachineImage;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.json.Quote;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads {@code agent.yaml}. What it does not know it refuses: a rule that is not read protects
 * nobody.
 */
public final class PolicyFile {
  private static final int MOST_BYTES = 256 * 1024;
  private static final long MIB = 1024 * 1024;
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,6})(MiB|GiB)");

  private final Path file;

  private PolicyFile(Path file) {
    this.file = file;
  }

  /**
   * The policy that {@code file} holds.
   *
   * @throws BadPolicy if it holds none, naming file, line and mend
   */
  public static AgentPolicy read(Path file) throws BadPolicy {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new BadPolicy(file + " is larger than 256 KiB; that is no agent.yaml");
      }
      String text = Files.readString(file, StandardCharsets.UTF_8);
      return new PolicyFile(file).policy(PolicyYaml.read(file, text));
    } catch (CharacterCodingException e) {
      throw new BadPolicy(file + " is not UTF-8 text; save it as UTF-8");
    } catch (IOException e) {
      throw new BadPolicy(
          "the policy file " + file + " cannot be read: " + e + "; give --policy another", e);
    }
  }

  private AgentPolicy policy(PolicyYaml.Mapping root) throws BadPolicy {
    known(root, "", "accept", "images", "limits", "keep", "process", "system", "microvm", "egress");
    PolicyYaml.Mapping accept = mapping(root, "accept");
    known(accept, "accept.", "repositories", "images", "users", "trust", "root", "tier");
    PolicyYaml.Mapping images = mapping(root, "images");
    known(images, "images.", "local");
    PolicyYaml.Mapping egress = mapping(root, "egress");
    return new AgentPolicy(
        "the agent's " + file.getFileName(),
        patterns(accept, "repositories"),
        patterns(accept, "images"),
        texts(accept, "users", "[A-Za-z0-9._-]+:[A-Za-z0-9._-]+", "FORGE:ID"),
        texts(accept, "trust", "[a-z-]+", "levels of trust"),
        choice(accept, "root"),
        tier(accept),
        choice(root, "process"),
        system(root),
        texts(images, "local", "[A-Za-z0-9._/:@-]+", "names of images"),
        limits(root),
        keep(root),
        microvm(root),
        PolicyYaml.plain(egress));
  }

  private Optional<AgentPolicy.Patterns> patterns(PolicyYaml.Mapping in, String key)
      throws BadPolicy {
    Optional<Set<String>> all =
        texts(
            in,
            key,
            "[A-Za-z0-9._/:@-]*[A-Za-z0-9]|[A-Za-z0-9._/:@-]*[A-Za-z0-9][-./:]\\*",
            "whole names, or beginnings as team/*; to accept all, leave the key out");
    return all.map(names -> new AgentPolicy.Patterns(List.copyOf(names)));
  }

  private Optional<Set<String>> texts(
      PolicyYaml.Mapping in, String key, String form, String expected) throws BadPolicy {
    PolicyYaml value = in.entries().get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof PolicyYaml.Sequence list) || list.items().isEmpty()) {
      throw refused(value, key + " is not a list with something in it; write " + expected);
    }
    var found = new LinkedHashSet<String>();
    for (PolicyYaml item : list.items()) {
      if (!(item instanceof PolicyYaml.Text text) || !text.text().matches(form)) {
        throw refused(item, key + " has " + item.shown() + "; write " + expected);
      }
      found.add(text.text());
    }
    return Optional.of(found);
  }

  private Optional<Path> system(PolicyYaml.Mapping root) throws BadPolicy {
    Optional<String> word = word(root, "system");
    if (word.isPresent() && !word.get().startsWith("/")) {
      throw refused(
          root.entries().get("system"),
          "system is " + Quote.of(word.get()) + "; write the whole path of a directory or archive");
    }
    return word.map(Path::of);
  }

  private boolean choice(PolicyYaml.Mapping in, String key) throws BadPolicy {
    return switch (word(in, key).orElse("refuse")) {
      case "allow" -> true;
      case "refuse" -> false;
      default -> throw refused(in.entries().get(key), key + " is neither allow nor refuse");
    };
  }

  private Optional<Tier> tier(PolicyYaml.Mapping in) throws BadPolicy {
    Optional<String> word = word(in, "tier");
    for (Tier tier : Tier.values()) {
      if (word.filter(tier.word()::equals).isPresent()) {
        return Optional.of(tier);
      }
    }
    if (word.isPresent()) {
      throw refused(
          in.entries().get("tier"),
          "tier is "
              + Quote.of(word.get())
              + "; write one of "
              + String.join(", ", Arrays.stream(Tier.values()).map(Tier::word).toList()));
    }
    return Optional.empty();
  }

  private Optional<Limits> limits(PolicyYaml.Mapping root) throws BadPolicy {
    if (!root.entries().containsKey("limits")) {
      return Optional.empty();
    }
    PolicyYaml.Mapping in = mapping(root, "limits");
    known(in, "limits.", "memory", "cpus", "pids", "scratch");
    Limits usual = Limits.standard();
    try {
      return Optional.of(
          new Limits(
              number(in, "memory", usual.memory(), MIB),
              Math.toIntExact(number(in, "cpus", usual.cpus(), 1000)),
              Math.toIntExact(number(in, "pids", usual.pids(), 1)),
              number(in, "scratch", usual.scratch(), MIB)));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw refused(in, "limits: " + e.getMessage());
    }
  }

  private Keep keep(PolicyYaml.Mapping root) throws BadPolicy {
    PolicyYaml.Mapping in = mapping(root, "keep");
    known(in, "keep.", "mirrors", "classes", "images");
    Keep usual = Keep.standard();
    return new Keep(
        size(in, "keep.", "mirrors", usual.mirrors()),
        size(in, "keep.", "classes", usual.classes()),
        size(in, "keep.", "images", usual.images()));
  }

  private MicrovmSettings microvm(PolicyYaml.Mapping root) throws BadPolicy {
    PolicyYaml.Mapping in = mapping(root, "microvm");
    known(
        in,
        "microvm.",
        "image",
        "tcg",
        "firecracker",
        "jailer",
        "snapshots",
        "pool",
        "pool-memory");
    String image = word(in, "image").orElse(MicrovmSettings.USUAL_IMAGE);
    if (!MachineImage.isName(image)) {
      throw refused(
          in.entries().get("image"),
          "microvm.image is "
              + Quote.of(image)
              + "; write a name as `holdfast image list` shows it");
    }
    MicrovmSettings.Tcg tcg =
        switch (word(in, "tcg").orElse("refuse")) {
          case "refuse" -> MicrovmSettings.Tcg.REFUSE;
          case "allow" -> MicrovmSettings.Tcg.ALLOW;
          case "only" -> MicrovmSettings.Tcg.ONLY;
          default ->
              throw refused(
                  in.entries().get("tcg"), "microvm.tcg is none of refuse, allow and only");
        };
    return new MicrovmSettings(image, tcg, warm(in), firecracker(in, tcg));
  }

  /** Both programs or none: a monitor without its jailer is not started here. */
  private Optional<MicrovmSettings.Firecracker> firecracker(
      PolicyYaml.Mapping in, MicrovmSettings.Tcg tcg) throws BadPolicy {
    Optional<Path> firecracker = program(in, "firecracker");
    Optional<Path> jailer = program(in, "jailer");
    if (firecracker.isPresent() != jailer.isPresent()) {
      throw refused(
          in,
          "microvm has "
              + (firecracker.isPresent()
                  ? "firecracker and no jailer"
                  : "jailer and no firecracker")
              + "; name both programs, of one release");
    }
    if (firecracker.isPresent() && tcg == MicrovmSettings.Tcg.ONLY) {
      throw refused(
          in, "microvm has firecracker, which needs KVM, and tcg: only; remove one of them");
    }
    return firecracker.map(it -> new MicrovmSettings.Firecracker(it, jailer.orElseThrow()));
  }

  private Optional<Path> program(PolicyYaml.Mapping in, String key) throws BadPolicy {
    Optional<String> word = word(in, key);
    if (word.isPresent() && !word.get().startsWith("/")) {
      throw refused(
          in.entries().get(key),
          "microvm." + key + " is " + Quote.of(word.get()) + "; write the program's whole path");
    }
    return word.map(Path::of);
  }

  private Warm warm(PolicyYaml.Mapping in) throws BadPolicy {
    Warm usual = Warm.standard();
    boolean snapshots =
        switch (word(in, "snapshots").orElse("use")) {
          case "use" -> true;
          case "off" -> false;
          default ->
              throw refused(
                  in.entries().get("snapshots"), "microvm.snapshots is none of use and off");
        };
    String pool = word(in, "pool").orElse(Integer.toString(usual.pool()));
    if (!pool.matches("[0-9]{1,3}")) {
      throw refused(
          in.entries().get("pool"),
          "microvm.pool is " + Quote.of(pool) + "; write how many machines are to wait, as 4");
    }
    long memory = size(in, "microvm.", "pool-memory", usual.poolMemory());
    try {
      return new Warm(snapshots, Integer.parseInt(pool), memory);
    } catch (IllegalArgumentException e) {
      throw refused(in.entries().get("pool"), "microvm.pool: " + e.getMessage());
    }
  }

  private long size(PolicyYaml.Mapping in, String within, String key, long usual) throws BadPolicy {
    Optional<String> word = word(in, key);
    if (word.isEmpty()) {
      return usual;
    }
    Matcher size = SIZE.matcher(word.get());
    if (!size.matches()) {
      throw refused(
          in.entries().get(key),
          within + key + " is " + Quote.of(word.get()) + "; write a size as 500MiB or 20GiB");
    }
    return Long.parseLong(size.group(1)) * (size.group(2).equals("GiB") ? 1024 * MIB : MIB);
  }

  private long number(PolicyYaml.Mapping in, String key, long usual, long unit) throws BadPolicy {
    Optional<String> word = word(in, key);
    if (word.isEmpty()) {
      return usual;
    }
    if (!word.get().matches("[0-9]{1,9}([.][0-9]{1,3})?")) {
      throw refused(
          in.entries().get(key),
          "limits." + key + " is " + Quote.of(word.get()) + "; write a number, sizes in MiB");
    }
    return (long) (Double.parseDouble(word.get()) * unit);
  }

  private Optional<String> word(PolicyYaml.Mapping in, String key) throws BadPolicy {
    PolicyYaml value = in.entries().get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof PolicyYaml.Text text) {
      return Optional.of(text.text());
    }
    throw refused(value, key + " is not one word");
  }

  private PolicyYaml.Mapping mapping(PolicyYaml.Mapping in, String key) throws BadPolicy {
    PolicyYaml value = in.entries().get(key);
    if (value == null) {
      return new PolicyYaml.Mapping(in.line(), new LinkedHashMap<>(Map.of()));
    }
    if (value instanceof PolicyYaml.Mapping mapping) {
      return mapping;
    }
    throw refused(value, key + " is not a map; indent its keys below it");
  }

  private void known(PolicyYaml.Mapping in, String where, String... keys) throws BadPolicy {
    for (var entry : in.entries().entrySet()) {
      if (!Arrays.asList(keys).contains(entry.getKey())) {
        throw refused(
            entry.getValue(),
            "unknown key "
                + Quote.of(where + entry.getKey())
                + "; known are "
                + String.join(", ", keys));
      }
    }
  }

  private BadPolicy refused(@org.jspecify.annotations.Nullable PolicyYaml at, String what) {
    return new BadPolicy(file + ":" + (at == null ? 1 : at.line()) + ": " + what);
  }
}
