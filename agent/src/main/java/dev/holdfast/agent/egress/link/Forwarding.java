package dev.holdfast.agent.egress.link;

import dev.holdfast.agent.egress.host.EgressUnavailable;
import dev.holdfast.agent.egress.host.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;

/**
 * Lets packets of jobs through this host, and changes no more of it than that needs.
 *
 * <p>IPv4 forwards by interface: where the host is no router, it is switched on for the interfaces
 * that routes lead to, and the filter keeps these from routing for anybody but jobs. IPv6 forwards
 * for the whole host or not at all, and a host that forwards takes no more router advertisements:
 * where the host lives by these, jobs get no IPv6.
 *
 * @param guarded4 interfaces that forward IPv4 only for jobs
 * @param guarded6 the same for IPv6
 * @param six whether jobs get IPv6
 * @param remarks what was changed, and what a job does without, with the mend
 */
public record Forwarding(
    List<String> guarded4, List<String> guarded6, boolean six, List<String> remarks) {
  private static final Path FOUR = Path.of("/proc/sys/net/ipv4");
  private static final Path SIX = Path.of("/proc/sys/net/ipv6");

  /** Makes sure of it; to be asked again, since interfaces come and go. */
  public static Forwarding ensure() throws EgressUnavailable {
    Program ip = Program.need("ip", "iproute2");
    var remarks = new TreeSet<String>();
    TreeSet<String> ways = ways(ip);
    List<String> four = four(ways, remarks);
    boolean six = hasSix(ip, remarks);
    List<String> guarded6 = six ? six(ways, remarks) : List.of();
    return new Forwarding(four, guarded6, six, List.copyOf(remarks));
  }

  private static List<String> four(TreeSet<String> ways, TreeSet<String> remarks)
      throws EgressUnavailable {
    if (isOn(FOUR.resolve("ip_forward"))) {
      return List.of();
    }
    for (String way : ways) {
      write(FOUR.resolve("conf").resolve(way).resolve("forwarding"), "1");
    }
    remarks.add(
        "IPv4 is forwarded between jobs and "
            + String.join(", ", ways)
            + " (net.ipv4.conf.*.forwarding); for anybody else this host stays no router");
    return List.copyOf(ways);
  }

  /** The outside of a job forwards, whatever the host's default for new interfaces is. */
  public static void allow(String link) throws EgressUnavailable {
    write(FOUR.resolve("conf").resolve(link).resolve("forwarding"), "1");
  }

  private static boolean hasSix(Program ip, TreeSet<String> remarks) throws EgressUnavailable {
    if (!Files.exists(SIX.resolve("conf/all/forwarding"))
        || isOn(SIX.resolve("conf/all/disable_ipv6"))) {
      remarks.add("jobs have no IPv6: this host has it switched off");
      return false;
    }
    String routes = ip.must("read the routes", "", "-6", "route", "show", "default");
    if (routes.isBlank()) {
      remarks.add("jobs have no IPv6: this host has no default route for it");
      return false;
    }
    if (!isOn(SIX.resolve("conf/all/forwarding")) && routes.contains("proto ra")) {
      remarks.add(
          "jobs have no IPv6: this host's route comes from router advertisements, which a host that"
              + " forwards does not take; set net.ipv6.conf.<uplink>.accept_ra=2 and"
              + " net.ipv6.conf.all.forwarding=1 to give it to them");
      return false;
    }
    return true;
  }

  private static List<String> six(TreeSet<String> ways, TreeSet<String> remarks)
      throws EgressUnavailable {
    Path all = SIX.resolve("conf/all/forwarding");
    Path mark = SIX.resolve("conf/lo/forwarding");
    // The loopback interface's own switch says what was there before: it has no other use.
    boolean ours = isOn(all) && !isOn(mark);
    if (isOn(all) && !ours) {
      return List.of();
    }
    if (!ours) {
      write(all, "1");
      write(mark, "0");
    }
    remarks.add(
        "IPv6 is forwarded (net.ipv6.conf.all.forwarding); for anybody but jobs this host stays no"
            + " router between "
            + String.join(", ", ways));
    return List.copyOf(ways);
  }

  /** Where routes lead, but for jobs and the host itself. */
  private static TreeSet<String> ways(Program ip) throws EgressUnavailable {
    var ways = new TreeSet<String>();
    String routes =
        ip.must("read the routes", "", "-4", "route", "show", "table", "main")
            + ip.must("read the routes", "", "-6", "route", "show", "table", "main");
    for (String line : routes.split("\n")) {
      List<String> words = List.of(line.strip().split("\\s+"));
      int at = words.indexOf("dev");
      if (at >= 0 && at + 1 < words.size()) {
        ways.add(words.get(at + 1));
      }
    }
    ways.removeIf(w -> w.equals("lo") || w.startsWith("hfj"));
    // What routes name can be gone again.
    ways.removeIf(w -> !Files.exists(FOUR.resolve("conf").resolve(w)));
    return ways;
  }

  private static boolean isOn(Path setting) throws EgressUnavailable {
    try {
      return !Files.readString(setting).strip().equals("0");
    } catch (IOException e) {
      throw new EgressUnavailable("cannot read " + setting + ": " + e.getMessage(), e);
    }
  }

  private static void write(Path setting, String value) throws EgressUnavailable {
    try {
      Files.writeString(setting, value);
    } catch (IOException e) {
      throw new EgressUnavailable(
          "cannot write "
              + value
              + " to "
              + setting
              + ": "
              + e.getMessage()
              + "; give the agent root, or set it yourself",
          e);
    }
  }
}
