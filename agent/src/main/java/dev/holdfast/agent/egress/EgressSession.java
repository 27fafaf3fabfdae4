package dev.holdfast.agent.egress;

import dev.holdfast.agent.egress.filter.JobElements;
import dev.holdfast.agent.egress.filter.Tally;
import dev.holdfast.agent.egress.host.EgressUnavailable;
import dev.holdfast.agent.egress.rule.Contact;
import dev.holdfast.agent.egress.rule.Ip;
import dev.holdfast.agent.egress.rule.JobRules;
import java.util.List;
import java.util.Optional;

/** The network of one job, from {@link Egress#open} until {@link #close}. */
public final class EgressSession {
  private final Egress egress;
  private final String attempt;
  private final Optional<Live> live;

  /** What there is of a job that has a network at all. */
  record Live(JobElements elements, String namespace, AskedNames names, LearnedAddresses learned) {
    Live with(JobElements other) {
      return new Live(other, namespace, names, learned);
    }
  }

  EgressSession(Egress egress, String attempt, Optional<Live> live) {
    this.egress = egress;
    this.attempt = attempt;
    this.live = live;
  }

  /**
   * From now on the job reaches what {@code rules} open, in one step of the kernel's: neither both
   * nor nothing at any instant. What names opened before is closed.
   *
   * @throws EgressUnavailable if it still reaches what it did before
   */
  public void become(JobRules rules) throws EgressUnavailable {
    if (live.isPresent()) {
      egress.become(live.get(), rules);
    }
  }

  /**
   * Lets the job, and no other, connect to a port at the agent's address; or ends that, for
   * connections that are there as well.
   *
   * @throws EgressUnavailable if it is as before
   */
  public void door(int port, boolean open) throws EgressUnavailable {
    egress.door(
        live.orElseThrow(() -> new EgressUnavailable("the job has no network")), port, open);
  }

  public String attempt() {
    return attempt;
  }

  /** The interface on this host; none where the rules are {@code none}. */
  public Optional<String> link() {
    return live.map(l -> l.elements().link());
  }

  public Optional<Ip> address4() {
    return live.map(l -> l.elements().address4());
  }

  public Optional<Ip> address6() {
    return live.flatMap(l -> l.elements().address6());
  }

  /**
   * Takes the network down and looks whether all of it is gone. To be called when the job's
   * processes have ended; may be called again if it failed, and then goes on where it stopped.
   *
   * @return what the job contacted
   * @throws EgressUnavailable if something is left, which it names
   */
  public EgressRecord close() throws EgressUnavailable {
    if (live.isEmpty()) {
      return EgressRecord.NOTHING;
    }
    Live job = live.get();
    Tally tally = egress.takeDown(job);
    List<Contact> contacts =
        tally.destinations().stream()
            .map(c ->
                new Contact(
                    c.address(),
                    job.names().of(c.address()),
                    c.protocol(),
                    c.port(),
                    c.packets(),
                    c.bytes(),
                    c.allowed()))
            .toList();
    long listed = contacts.stream().mapToLong(Contact::packets).sum();
    long all = tally.allowedPackets() + tally.refusedPackets();
    return new EgressRecord(contacts, job.names().list(), Math.max(0, all - listed));
  }
}
