package dev.holdfast.agent.egress.link;

import dev.holdfast.agent.egress.host.EgressUnavailable;
import dev.holdfast.agent.egress.host.Program;
import dev.holdfast.agent.egress.rule.Ip;
import java.util.List;
import java.util.Optional;

/**
 * Pairs of interfaces between this host and a job. Both ends know each other's card for good, so
 * that no neighbour is ever asked for, and none believed.
 */
public final class Links {
  /**
   * Makes the pair with one end in the namespace held by descriptor 3, which is the one that was
   * looked at or nothing happens. The outside comes up last.
   */
  private static final String SCRIPT =
      """
      set -eu
      exec 3<"/proc/$1/ns/net"
      if [ "$(readlink /proc/self/fd/3)" != "$2" ]; then
        echo "process $1 is not the sandbox any more" >&2
        exit 9
      fi
      printf '%s' "$3" | ip -batch -
      # Engines switch IPv6 off in namespaces that they leave with loopback alone.
      nsenter --net=/proc/self/fd/3 sh -c '
        six=/proc/sys/net/ipv6/conf/eth0/disable_ipv6
        [ ! -e $six ] || echo 0 >$six'
      printf '%s' "$4" | nsenter --net=/proc/self/fd/3 ip -batch -
      printf '%s' "$5" | ip -batch -
      """;

  private final Program ip;
  private final Program shell;

  public Links() throws EgressUnavailable {
    ip = Program.need("ip", "iproute2");
    shell = Program.need("sh", "dash");
    Program.need("nsenter", "util-linux");
  }

  /**
   * The ends of a pair.
   *
   * @param number the job's, in both families
   * @param six whether the job has IPv6
   */
  public record Plan(String name, Numbers numbers, int agent, int number, boolean six) {
    public Ip address4() {
      return numbers.job4(number);
    }

    public Optional<Ip> address6() {
      return six ? Optional.of(numbers.job6(number)) : Optional.empty();
    }

    private String outside() {
      return "link add %s address %s type veth peer name eth0 address %s netns /proc/self/fd/3\n"
          .formatted(name, Numbers.card(number, 0), Numbers.card(number, 1));
    }

    private String inside() {
      var batch = new StringBuilder();
      String gateway = numbers.gateway4(agent).toString();
      batch.append("addr add ").append(address4()).append("/32 dev eth0\n");
      batch.append("link set eth0 addrgenmode none\n");
      batch.append("link set eth0 up\n");
      batch.append("neigh add ").append(gateway).append(card(0)).append("\n");
      batch.append("route add ").append(gateway).append(" dev eth0 scope link\n");
      batch.append("route add default via ").append(gateway).append(" dev eth0\n");
      if (six) {
        String gateway6 = numbers.gateway6(agent).toString();
        batch.append("addr add ").append(numbers.job6(number)).append("/128 dev eth0 nodad\n");
        batch.append("neigh add ").append(gateway6).append(card(0)).append("\n");
        batch.append("route add ").append(gateway6).append(" dev eth0\n");
        batch.append("route add ::/0 via ").append(gateway6).append(" dev eth0\n");
      }
      return batch.toString();
    }

    private String card(int end) {
      return " lladdr "
          + Numbers.card(number, end)
          + (end == 0 ? " dev eth0" : " dev " + name)
          + " nud permanent";
    }

    private String up() {
      var batch = new StringBuilder();
      batch.append("link set ").append(name).append(" addrgenmode none\n");
      batch.append("link set ").append(name).append(" up\n");
      // Fails if the address is another's: the kernel is what agents of one host agree by.
      batch.append("route add ").append(address4()).append(" dev ").append(name).append("\n");
      batch.append("neigh add ").append(address4()).append(card(1)).append("\n");
      address6()
          .ifPresent(a -> {
            batch.append("route add ").append(a).append(" dev ").append(name).append("\n");
            batch.append("neigh add ").append(a).append(card(1)).append("\n");
          });
      return batch.toString();
    }
  }

  /** The namespace of {@code pid}, which must be neither ours nor in use by another of our jobs. */
  public String namespaceOf(long pid) throws EgressUnavailable {
    String identity = NetworkNamespace.of(pid).identity();
    if (identity.equals(NetworkNamespace.own())) {
      throw new EgressUnavailable(
          "process " + pid + " is in the agent's own network namespace; its sandbox has none");
    }
    return identity;
  }

  /**
   * @param identity of the namespace that {@code pid} is in
   * @throws EgressUnavailable having left nothing behind
   */
  public void make(Plan plan, long pid, String identity) throws EgressUnavailable {
    try {
      shell.must(
          "give the job its interface " + plan.name(),
          "",
          "-c",
          SCRIPT,
          "sh",
          Long.toString(pid),
          identity,
          plan.outside(),
          plan.inside(),
          plan.up());
    } catch (EgressUnavailable e) {
      try {
        remove(plan.name());
      } catch (EgressUnavailable second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  /** Removes the pair, which takes addresses and routes with it, and looks whether it is gone. */
  public void remove(String name) throws EgressUnavailable {
    if (!NetworkNamespace.links().contains(name)) {
      return;
    }
    Program.Answer answer = ip.run("", "link", "delete", name);
    // It goes by itself with the job's namespace: only what is left matters.
    if (NetworkNamespace.links().contains(name)) {
      throw new EgressUnavailable(
          "the interface " + name + " of an ended job cannot be removed: " + answer.complaint());
    }
  }

  /** Those of jobs whose names start with {@code prefix}. */
  public List<String> of(String prefix) throws EgressUnavailable {
    return NetworkNamespace.links().stream().filter(l -> l.startsWith(prefix)).toList();
  }
}
