package dev.holdfast.agent.egress.rule;

import dev.holdfast.agent.egress.rule.Scope.JobScope;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What one job may reach. Immutable, and the same for its whole life.
 *
 * @param mode what holds for destinations without a rule
 * @param modeFrom which part of the policy says so
 * @param rules the first that matches decides
 */
public record JobRules(
    JobScope job,
    Mode mode,
    String modeFrom,
    List<Placed> rules,
    Blocked blocked,
    List<String> internalZones) {

  /** Zones that are nobody's on the internet. */
  private static final List<String> NEVER_PUBLIC =
      List.of(
          "local",
          "localdomain",
          "localhost",
          "internal",
          "intranet",
          "private",
          "corp",
          "home",
          "lan",
          "home.arpa",
          "onion",
          "test",
          "invalid",
          "in-addr.arpa",
          "ip6.arpa");

  /**
   * On which resolvers listen. A host's own can have a public address, and would tell a job what
   * only the host is meant to know.
   */
  public static final List<Integer> RESOLVER_PORTS = List.of(53, 853);

  /** A rule and the part of the policy that it stands in. */
  public record Placed(Rule rule, Scope scope) {
    @Override
    public String toString() {
      return "\"" + rule + "\" of " + scope;
    }
  }

  public JobRules {
    rules = List.copyOf(rules);
    internalZones = List.copyOf(internalZones);
  }

  /**
   * The same, where what no rule names is open no further than {@code most} says.
   *
   * @param from what says so
   */
  public JobRules within(Mode most, String from) {
    return mode.compareTo(most) >= 0
        ? this
        : new JobRules(job, most, from, rules, blocked, internalZones);
  }

  /** The same for a job that uses nothing of the network. */
  public boolean isNone() {
    return mode == Mode.NONE;
  }

  /** Whether a packet to {@code to} gets through. */
  public Decision decide(Destination to) {
    Optional<Blocked.Reserved> never = blocked.never(to.address());
    if (never.isPresent()) {
      return range(to, never.get(), ", which no rule can open");
    }
    if (isNone()) {
      return byMode(to.toString());
    }
    Optional<Blocked.Reserved> reserved = blocked.of(to.address());
    // A name never opens a blocked range: whoever owns the name chooses the address.
    Optional<String> name = reserved.isPresent() ? Optional.empty() : to.name();
    Optional<Placed> deciding =
        first(r -> r.isAbout(to.protocol(), to.port()) && isAbout(r, to.address(), name));
    if (deciding.isPresent()) {
      return byRule(deciding.get(), to.toString());
    }
    if (reserved.isPresent()) {
      return range(to, reserved.get(), ", and no rule opens it");
    }
    if (to.protocol() != Protocol.ICMP && RESOLVER_PORTS.contains(to.port())) {
      return new Decision(
          false,
          "resolver",
          to + " is another resolver, and names are asked of the agent's alone; no rule opens it");
    }
    return byMode(to.toString());
  }

  /** Whether the job may look {@code name} up. What it is then told is decided by address. */
  public Decision decideName(String name) {
    Optional<String> known = Target.name(name);
    if (known.isEmpty()) {
      return new Decision(false, "form", name + " is no name of the internet");
    }
    if (isNone()) {
      return byMode(name);
    }
    Optional<Placed> deciding =
        first(r -> r.target() instanceof Target.HostName host && host.matches(known.get()));
    if (deciding.isPresent()) {
      return byRule(deciding.get(), name);
    }
    return zone(known.get()).orElseGet(() -> byMode(name));
  }

  /** Whether {@code name}, which the job may look up, may lead on to {@code target}. */
  public Decision decideAlias(String name, String target) {
    Optional<Placed> deciding =
        first(r -> r.target() instanceof Target.HostName host && host.matches(target));
    // In listed mode a name is listed for what it leads to.
    return deciding
        .map(p -> byRule(p, target))
        .or(() -> zone(target))
        .orElseGet(() -> new Decision(true, "alias", name + " leads to " + target));
  }

  private Optional<Decision> zone(String name) {
    Optional<Decision> internal =
        internalZones.stream()
            .filter(z -> under(name, z))
            .findFirst()
            .map(z ->
                new Decision(
                    false,
                    "internal zone " + z,
                    name + " is in the internal zone " + z + ", and no rule opens it"));
    return internal.or(() ->
        NEVER_PUBLIC.stream()
            .filter(z -> under(name, z))
            .findFirst()
            .map(z ->
                new Decision(
                    false, "zone " + z, name + " is in ." + z + ", which is never public")));
  }

  /** Whether the job may be told that {@code name} lives at {@code address}. */
  public Decision decideAnswer(String name, Ip address) {
    Optional<Blocked.Reserved> reserved = blocked.of(address);
    boolean opened =
        reserved.isEmpty() || (Box.opened(this, address) && blocked.never(address).isEmpty());
    if (opened) {
      return new Decision(true, "address", name + " may be told to be " + address);
    }
    String by = reserved.get().range() + " (" + reserved.get().what() + ")";
    return new Decision(
        false, by, name + " is said to be " + address + ", in " + by + ", and no rule opens that");
  }

  private static boolean under(String name, String zone) {
    return name.equals(zone) || name.endsWith("." + zone);
  }

  /** Whether {@code rule} is about {@code address}, known to the job as {@code name}. */
  static boolean isAbout(Rule rule, Ip address, Optional<String> name) {
    return switch (rule.target()) {
      case Target.Addresses(Range range) -> range.contains(address);
      case Target.HostName host -> name.map(host::matches).orElse(false);
    };
  }

  private Optional<Placed> first(Predicate<Rule> matches) {
    return rules.stream().filter(p -> matches.test(p.rule())).findFirst();
  }

  private static Decision byRule(Placed placed, String what) {
    boolean opens = placed.rule().opens();
    return new Decision(
        opens, placed.toString(), what + (opens ? " is opened by " : " is blocked by ") + placed);
  }

  private static Decision range(Destination to, Blocked.Reserved reserved, String rest) {
    String by = reserved.range() + " (" + reserved.what() + ")";
    return new Decision(false, by, to + " is in " + by + rest);
  }

  private Decision byMode(String what) {
    String by = mode + ", " + modeFrom;
    return switch (mode) {
      case PUBLIC -> new Decision(true, by, what + " is public, and the default is " + by);
      case LISTED ->
          new Decision(false, by, what + " is opened by no rule, and the default is " + by);
      case NONE -> new Decision(false, by, what + " is not reached: the default is " + by);
    };
  }
}
