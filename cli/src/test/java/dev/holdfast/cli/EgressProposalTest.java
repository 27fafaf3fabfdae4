package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.agent.egress.rule.Contact;
import dev.holdfast.agent.egress.rule.Ip;
import dev.holdfast.agent.egress.rule.Learn;
import dev.holdfast.agent.egress.rule.Rule;
import dev.holdfast.orchestrator.web.page.EgressProposal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The page about egress proposes what the command does, and agents read it. */
class EgressProposalTest {
  private static final List<String> NAMES =
      List.of("repo.example.org", "Repo.Example.ORG", "a.b", "localhost", "_x.example.org", "x.1");
  private static final List<String> ADDRESSES =
      List.of("93.184.216.34", "198.51.100.7", "2606:2800:220:1::5", "203.0.113.9");
  private static final List<String> PROTOCOLS = List.of("tcp", "udp", "icmp", "47");

  @Test
  void thePageProposesWhatTheCommandProposesForWhateverJobsReached() {
    var random = new Random(20261127);
    int rules = 0;
    for (int round = 0; round < 500; round++) {
      var page = new ArrayList<dev.holdfast.model.wire.agent.Contact>();
      var command = new ArrayList<Contact>();
      for (int i = random.nextInt(40); i > 0; i--) {
        Optional<String> name =
            random.nextBoolean() ? Optional.of(one(random, NAMES)) : Optional.empty();
        String address = one(random, ADDRESSES);
        String protocol = one(random, PROTOCOLS);
        int port = protocol.equals("tcp") || protocol.equals("udp") ? 1 + random.nextInt(60) : 0;
        long packets = random.nextInt(1000);
        boolean allowed = random.nextInt(4) > 0;
        page.add(
            new dev.holdfast.model.wire.agent.Contact(
                address, name, protocol, port, packets, 100, allowed));
        command.add(new Contact(Ip.of(address), name, protocol, port, packets, 100, allowed));
      }
      List<String> proposed =
          EgressProposal.of(page).stream().map(r -> r.text() + " " + r.packets()).toList();
      assertThat(proposed)
          .isEqualTo(
              Learn.propose(command).stream().map(r -> r.rule() + " " + r.packets()).toList());
      EgressProposal.of(page)
          .forEach(rule -> assertThat(Rule.parse(rule.text()).toString()).isEqualTo(rule.text()));
      rules += proposed.size();
    }
    assertThat(rules).as("there was something to propose").isGreaterThan(1000);
  }

  private static String one(Random random, List<String> of) {
    return of.get(random.nextInt(of.size()));
  }
}
