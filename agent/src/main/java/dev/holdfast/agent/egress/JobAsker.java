package dev.holdfast.agent.egress;

import dev.holdfast.agent.egress.dns.Asker;
import dev.holdfast.agent.egress.host.EgressUnavailable;
import dev.holdfast.agent.egress.rule.Decision;
import dev.holdfast.agent.egress.rule.Ip;
import dev.holdfast.agent.egress.rule.JobRules;
import java.util.Collection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A job's rules, as its resolver asks them.
 *
 * @param checked false only in a lab, to show what the checks are for
 */
record JobAsker(JobRules rules, AskedNames names, LearnedAddresses learned, boolean checked)
    implements Asker {
  private static final Logger LOG = LoggerFactory.getLogger(JobAsker.class);
  private static final Decision UNCHECKED = new Decision(true, "lab", "nothing is checked here");

  @Override
  public Decision mayAsk(String name) {
    return checked ? rules.decideName(name) : UNCHECKED;
  }

  @Override
  public Decision mayFollow(String name, String target) {
    return checked ? rules.decideAlias(name, target) : UNCHECKED;
  }

  @Override
  public Decision mayHear(String name, Ip address) {
    return checked ? rules.decideAnswer(name, address) : UNCHECKED;
  }

  @Override
  public boolean hears(String name, Collection<Ip> addresses, long seconds) {
    addresses.forEach(a -> names.answered(name, a));
    try {
      return learned.learn(name, addresses, seconds);
    } catch (EgressUnavailable e) {
      LOG.warn("{} cannot be opened to a job: {}", name, e.getMessage());
      return false;
    }
  }

  @Override
  public void asked(String name, Decision decision) {
    names.add(name, decision);
  }
}
