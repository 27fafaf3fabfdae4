package dev.holdfast.probe.lab;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The addresses that something answers on in a lab, by what they are. */
public final class LabAddresses {
  /** The host's own, on its uplink. */
  public static final String HOST4 = "192.0.2.2";

  public static final String HOST6 = "2001:db8:ffff::2";

  /** Where the host's names come from. */
  public static final String DNS = "192.0.2.1";

  static final String DNS6 = "2001:db8:ffff::1";

  /** Out of the ranges for examples, which are the lab's internet. */
  public static final List<String> PUBLIC =
      List.of("203.0.113.10", "198.51.100.7", "2001:db8:aa::7", "3fff:5::5");

  /** In each blocked range at least one, by the name of the range. */
  public static final Map<String, List<String>> BLOCKED =
      Map.ofEntries(
          Map.entry("private", List.of("10.9.9.9", "172.16.5.5", "172.31.255.254", "192.168.77.7")),
          Map.entry("shared", List.of("100.64.1.1", "100.127.255.254")),
          Map.entry(
              "metadata",
              List.of(
                  "169.254.169.254",
                  "100.100.100.200",
                  "168.63.129.16",
                  "192.0.0.192",
                  "fd00:ec2::254",
                  "fd20:ce::254")),
          Map.entry("link-local", List.of("169.254.7.7")),
          Map.entry("protocol assignments", List.of("192.0.0.8")),
          Map.entry("6to4 relays", List.of("192.88.99.1")),
          Map.entry("benchmarks", List.of("198.19.200.1", "2001:2::1")),
          Map.entry("reserved", List.of("240.1.1.1", "255.255.255.254")),
          Map.entry("unique local", List.of("fd12:3456::1", "fc00::1")),
          Map.entry("site-local", List.of("fec0::1")),
          Map.entry("IPv4-compatible", List.of("::10.9.9.9")),
          Map.entry("NAT64", List.of("64:ff9b::a09:909", "64:ff9b:1::a09:909")),
          Map.entry("6to4", List.of("2002:a09:909::1")),
          Map.entry("Teredo", List.of("2001:0:a09:909:8000:63bf:f5f6:f6f6")),
          Map.entry("ORCHID", List.of("2001:10::1", "2001:20::1")),
          Map.entry("discard", List.of("100::1")),
          Map.entry("not global unicast", List.of("4000::1", "8000::1", "1000::1")));

  private LabAddresses() {}

  /** All that have listeners in the lab's internet. */
  static List<String> all() {
    return Stream.concat(PUBLIC.stream(), BLOCKED.values().stream().flatMap(List::stream)).toList();
  }
}
