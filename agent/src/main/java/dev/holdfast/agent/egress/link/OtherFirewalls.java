package dev.holdfast.agent.egress.link;

import dev.holdfast.agent.egress.host.EgressUnavailable;
import dev.holdfast.agent.egress.host.Program;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes room for jobs in the filters of others, which drop what they do not know: Docker sets the
 * policy of {@code FORWARD} to {@code DROP}, and has a chain for what an administrator adds. Our
 * own filter has decided before that.
 */
public final class OtherFirewalls {
  private OtherFirewalls() {}

  /**
   * @return what was changed
   * @throws EgressUnavailable if a filter would drop jobs' packets and is not ours to change
   */
  public static List<String> makeRoom() throws EgressUnavailable {
    var remarks = new ArrayList<String>();
    for (String name : List.of("iptables", "ip6tables")) {
      Optional<Program> program = Program.find(name);
      if (program.isPresent()) {
        makeRoom(name, program.get(), remarks);
      }
    }
    return remarks;
  }

  private static void makeRoom(String name, Program program, List<String> remarks)
      throws EgressUnavailable {
    Program.Answer forward = program.run("", "-w", "5", "-S", "FORWARD");
    // No such table in this kernel: then nothing of it drops anything.
    if (!forward.good() || !forward.out().contains("-P FORWARD DROP")) {
      return;
    }
    if (!program.run("", "-w", "5", "-S", "DOCKER-USER").good()) {
      if (isThere(program, "FORWARD", "-i") && isThere(program, "FORWARD", "-o")) {
        return;
      }
      throw new EgressUnavailable(
          name
              + " drops what it forwards (FORWARD policy DROP), so jobs would reach nothing; let"
              + " them through to Holdfast's own filter: "
              + name
              + " -I FORWARD -i hfj+ -j ACCEPT && "
              + name
              + " -I FORWARD -o hfj+ -j ACCEPT");
    }
    for (String side : List.of("-i", "-o")) {
      if (!isThere(program, "DOCKER-USER", side)) {
        program.must(
            "let jobs through Docker's filter",
            "",
            "-w",
            "5",
            "-I",
            "DOCKER-USER",
            side,
            "hfj+",
            "-j",
            "ACCEPT");
        remarks.add(
            name
                + " -I DOCKER-USER "
                + side
                + " hfj+ -j ACCEPT: Docker's filter leaves jobs to"
                + " Holdfast's");
      }
    }
  }

  private static boolean isThere(Program program, String chain, String side)
      throws EgressUnavailable {
    return program.run("", "-w", "5", "-C", chain, side, "hfj+", "-j", "ACCEPT").good();
  }
}
