package dev.holdfast.agent.egress;

import dev.holdfast.agent.egress.rule.Contact;
import java.util.List;

/**
 * What a job did over the network.
 *
 * @param contacts by destination
 * @param names looked up, first asked first
 * @param unlistedPackets to destinations beyond those that are listed, whose number is bounded
 */
public record EgressRecord(List<Contact> contacts, List<AskedName> names, long unlistedPackets) {

  /**
   * A name that the job looked up.
   *
   * @param why in words
   */
  public record AskedName(String name, boolean allowed, String why, long times) {}

  static final EgressRecord NOTHING = new EgressRecord(List.of(), List.of(), 0);

  public EgressRecord {
    contacts = List.copyOf(contacts);
    names = List.copyOf(names);
  }
}
