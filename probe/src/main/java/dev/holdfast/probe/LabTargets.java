package dev.holdfast.probe;

import dev.holdfast.probe.lab.Lab;
import dev.holdfast.probe.lab.LabAddresses;
import dev.holdfast.probe.lab.LabGroup;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the network attacks aim at, by the names of {@link NetworkAttacks}: all of it the lab's. */
final class LabTargets {
  /** Names under it are nobody's business but the operator's. */
  static final String ZONE = "corp.example.org";

  static final String INTERNAL = "secret." + ZONE;
  static final String TUNNEL = "nnxxe43fmnzgk5a." + INTERNAL;
  static final String REBINDING = "rebinding.example.net";

  private static final Map<String, String> LISTENERS =
      Map.ofEntries(
          Map.entry("public", "203.0.113.10"),
          Map.entry("public-6", "2001:db8:aa::7"),
          Map.entry("private-10", "10.9.9.9"),
          Map.entry("private-172", "172.16.5.5"),
          Map.entry("private-192", "192.168.77.7"),
          Map.entry("shared", "100.64.1.1"),
          Map.entry("link-local", "169.254.7.7"),
          Map.entry("metadata", "169.254.169.254"),
          Map.entry("metadata-other", "168.63.129.16"),
          Map.entry("metadata-6", "fd00:ec2::254"),
          Map.entry("assignments", "192.0.0.8"),
          Map.entry("benchmark", "198.19.200.1"),
          Map.entry("benchmark-6", "2001:2::1"),
          Map.entry("reserved", "240.1.1.1"),
          Map.entry("unique-local-6", "fd12:3456::1"),
          Map.entry("site-local-6", "fec0::1"),
          Map.entry("compatible-6", "::10.9.9.9"),
          Map.entry("nat64", "64:ff9b::a09:909"),
          Map.entry("six-to-four", "2002:a09:909::1"),
          Map.entry("teredo", "2001:0:a09:909:8000:63bf:f5f6:f6f6"),
          Map.entry("orchid", "2001:10::1"),
          Map.entry("discard", "100::1"),
          Map.entry("not-global-6", "4000::1"),
          Map.entry("host-uplink", LabAddresses.HOST4),
          Map.entry("host-6", LabAddresses.HOST6));

  /** The other job's, whose addresses are known once it is there. */
  static final String PEER = "peer";

  /** From another job's address to the lab's internet, which says what arrived. */
  static final String SPOOF = "spoof";

  private LabTargets() {}

  /** Whether there must be another job for it. */
  static boolean wantsPeer(String target) {
    return target.equals(PEER) || target.equals(SPOOF);
  }

  /**
   * Where they are.
   *
   * @param gateway the agent's address on the jobs' side
   * @param peer another job's address, empty where there is none
   */
  static Map<String, String> at(String gateway, String peer) {
    var all = new LinkedHashMap<String, String>();
    all.put(PEER, peer + " " + Lab.PORT);
    all.put(SPOOF, peer + " " + LISTENERS.get("public") + " " + Lab.PORT);
    all.put("multicast", LabGroup.GROUP4 + " " + LabGroup.PORT);
    all.put("multicast-6", LabGroup.GROUP6 + "%eth0 " + LabGroup.PORT);
    LISTENERS.forEach((name, address) -> all.put(name, address + " " + Lab.PORT));
    all.put("host", gateway + " " + Lab.PORT);
    all.put("resolver", gateway + " 53");
    all.put("other-resolver", LabAddresses.DNS + " 53");
    all.put("internal-name", INTERNAL);
    all.put("tunnel-name", TUNNEL);
    all.put("rebinding-name", REBINDING);
    return all;
  }
}
