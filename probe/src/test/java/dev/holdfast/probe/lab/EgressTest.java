package dev.holdfast.probe.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.holdfast.agent.sandbox.Protection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each protection of a job's network, by an attack that gets through without it. */
class EgressTest {
  private static final Set<Protection> NO_FILTER = Set.of(Protection.EGRESS_FILTER);

  @BeforeAll
  static void needsRoot() {
    assumeThat(System.getProperty("user.name")).as("egress needs root").isEqualTo("root");
  }

  private static List<String> blocked() {
    return LabAddresses.BLOCKED.values().stream().flatMap(List::stream).sorted().toList();
  }

  @Test
  void noBlockedRangeIsReachedAndTheControlReachesAll() throws Exception {
    try (var lab = EgressLab.started(Set.of(), "public");
        var caller = lab.lab.callerIn(lab.open().pid())) {
      for (String how : List.of("tcp", "udp")) {
        assertThat(caller.callAll(how, LabAddresses.PUBLIC).values())
            .as("public over " + how)
            .containsOnly("world");
        assertThat(caller.callAll(how, blocked()).entrySet())
            .as("blocked over " + how)
            .noneMatch(e -> e.getValue().equals("world"));
      }
      assertThat(caller.pings("203.0.113.10")).isTrue();
      assertThat(caller.pings("2001:db8:aa::7")).isTrue();
      assertThat(caller.pings("10.9.9.9")).isFalse();
      assertThat(caller.pings("fd12:3456::1")).isFalse();
    }
    try (var lab = EgressLab.started(NO_FILTER, "public");
        var caller = lab.lab.callerIn(lab.open().pid())) {
      for (String how : List.of("tcp", "udp")) {
        assertThat(caller.callAll(how, blocked()))
            .as("control over " + how)
            .allSatisfy((_, answer) -> assertThat(answer).isEqualTo("world"));
      }
      assertThat(caller.pings("10.9.9.9")).isTrue();
      assertThat(caller.pings("fd12:3456::1")).isTrue();
    }
  }

  @Test
  void theHostIsNotReachedUnderAnyOfItsAddresses() throws Exception {
    try (var lab = EgressLab.started(Set.of(), "public", "open 10.77.0.0/16 any")) {
      // A host with an address that a rule opens, and one in a range that is public.
      lab.lab.runInHost("ip", "addr", "add", "10.77.0.1/32", "dev", "lo");
      lab.lab.runInHost("ip", "addr", "add", "203.0.113.77/32", "dev", "lo");
      try (var caller = lab.lab.callerIn(lab.open().pid())) {
        assertThat(lab.hostAnswers(caller)).noneMatch(a -> a.getValue().equals("host"));
        assertThat(caller.call("tcp", "203.0.113.10", Lab.PORT)).isEqualTo("world");
        assertThat(caller.call("tcp", "10.77.0.2", Lab.PORT)).as("opened").isEqualTo("world");
      }
    }
    try (var lab = EgressLab.started(NO_FILTER, "public")) {
      lab.lab.runInHost("ip", "addr", "add", "10.77.0.1/32", "dev", "lo");
      lab.lab.runInHost("ip", "addr", "add", "203.0.113.77/32", "dev", "lo");
      try (var caller = lab.lab.callerIn(lab.open().pid())) {
        assertThat(lab.hostAnswers(caller)).allMatch(a -> a.getValue().equals("host"));
      }
    }
  }

  @Test
  void aPortThatTheHostPublishesElsewhereIsNotReached() throws Exception {
    String publish =
        "add table ip other; add chain ip other pre { type nat hook prerouting priority -100; };"
            + " add rule ip other pre ip daddr 192.0.2.2 tcp dport 8080 dnat to 203.0.113.10:7007";
    try (var lab = EgressLab.started(Set.of(), "public")) {
      lab.lab.runInHost("nft", publish);
      try (var caller = lab.lab.callerIn(lab.open().pid())) {
        assertThat(caller.call("tcp", "192.0.2.2", 8080)).isEqualTo("refused");
      }
    }
    try (var lab = EgressLab.started(NO_FILTER, "public")) {
      lab.lab.runInHost("nft", publish);
      try (var caller = lab.lab.callerIn(lab.open().pid())) {
        assertThat(caller.call("tcp", "192.0.2.2", 8080)).as("control").isEqualTo("world");
      }
    }
  }

  @Test
  void anotherJobIsNotReached() throws Exception {
    for (Set<Protection> missing : List.of(Set.<Protection>of(), NO_FILTER)) {
      try (var lab = EgressLab.started(missing, "public")) {
        EgressLab.Job job = lab.open();
        EgressLab.Job peer = lab.open();
        try (var caller = lab.lab.callerIn(job.pid())) {
          lab.listenIn(peer);
          String expected = missing.isEmpty() ? "refused" : "peer";
          assertThat(caller.call("tcp", peer.address4(), Lab.PORT)).isEqualTo(expected);
          assertThat(caller.call("tcp", peer.address6(), Lab.PORT)).isEqualTo(expected);
          assertThat(caller.call("udp", peer.address4(), Lab.PORT).equals("peer"))
              .isEqualTo(!missing.isEmpty());
        }
      }
    }
  }

  @Test
  void nothingIsReachedBeforeTheFilterEvenInTheFirstMillisecond() throws Exception {
    List<String> targets = List.of("203.0.113.10", "10.9.9.9", "fd12:3456::1", "192.0.2.2");
    for (Set<Protection> missing : List.of(Set.<Protection>of(), NO_FILTER)) {
      try (var lab = EgressLab.started(missing, "public")) {
        long pid = lab.namespace();
        try (var caller = lab.lab.callerIn(pid)) {
          caller.hammer(targets);
          EgressLab.Job job = lab.open(pid);
          lab.await(() -> caller.reached().contains("203.0.113.10"));
          if (missing.isEmpty()) {
            assertThat(lab.close(job)).anyMatch(c -> c.startsWith("refused 10.9.9.9 tcp 7007 -"));
            assertThat(caller.reached()).endsWith(" 203.0.113.10");
          } else {
            lab.await(() -> targets.stream().allMatch(caller.reached()::contains));
          }
        }
      }
    }
  }

  @Test
  void anotherSourceAddressIsNotSent() throws Exception {
    for (Set<Protection> missing :
        List.of(Set.<Protection>of(), Set.of(Protection.EGRESS_SOURCE_CHECK))) {
      try (var lab = EgressLab.started(missing, "public")) {
        EgressLab.Job job = lab.open();
        EgressLab.Job peer = lab.open();
        // What a job could do that had the rights to.
        lab.inJob(job, "ip", "addr", "add", peer.address4() + "/32", "dev", "eth0");
        lab.inJob(job, "ip", "addr", "add", "192.0.2.77/32", "dev", "eth0");
        lab.inJob(job, "ip", "addr", "add", peer.address6() + "/128", "dev", "eth0", "nodad");
        try (var caller = lab.lab.callerIn(job.pid())) {
          caller.send(peer.address4(), "203.0.113.10", "as-peer");
          caller.send("192.0.2.77", "203.0.113.10", "as-stranger");
          caller.send(peer.address6(), "2001:db8:aa::7", "as-peer6");
          caller.send(job.address4(), "203.0.113.10", "as-itself");
          caller.send(job.address6(), "2001:db8:aa::7", "as-itself6");
          lab.await(() -> lab.lab.hasSeen("as-itself") && lab.lab.hasSeen("as-itself6"));
          for (String word : List.of("as-peer", "as-stranger", "as-peer6")) {
            assertThat(lab.lab.hasSeen(word)).as(word).isEqualTo(!missing.isEmpty());
          }
        }
      }
    }
  }

  @Test
  void theRecordSaysWhatWasReachedAndWhatNot() throws Exception {
    try (var lab = EgressLab.started(Set.of(), "public")) {
      lab.lab.name("www.example.org", "203.0.113.10");
      EgressLab.Job job = lab.open();
      try (var caller = lab.lab.callerIn(job.pid())) {
        assertThat(caller.lookup(lab.resolver, "www.example.org", "A")).isEqualTo("0 203.0.113.10");
        caller.lookup(lab.resolver, "git.corp", "A");
        caller.call("tcp", "203.0.113.10", Lab.PORT);
        caller.call("udp", "10.9.9.9", Lab.PORT);
        caller.call("tcp", "fd12:3456::1", 22);
        caller.pings("198.51.100.7");
      }
      List<String> record = lab.close(job);
      assertThat(record)
          .anyMatch(c -> c.startsWith("allowed 203.0.113.10 tcp 7007 www.example.org "))
          .anyMatch(c -> c.startsWith("refused 10.9.9.9 udp 7007 - "))
          .anyMatch(c -> c.startsWith("refused fd12:3456::1 tcp 22 - "))
          .anyMatch(c -> c.startsWith("allowed 198.51.100.7 icmp 0 - "))
          .contains("name www.example.org", "noname git.corp", "unlisted 0");
      assertThat(lab.table()).doesNotContain(job.link());
      assertThat(lab.links()).doesNotContain(job.link());
    }
  }

  @Test
  void listedReachesWhatIsListedByNameOrAddressAndNothingElse() throws Exception {
    try (var lab =
        EgressLab.started(
            Set.of(), "listed", "open registry.example.org 7007", "open 198.51.100.7 7007/udp")) {
      lab.lab.alias("registry.example.org", "edge.example.net");
      lab.lab.name("edge.example.net", "203.0.113.10", "2001:db8:aa::7");
      lab.lab.name("www.example.org", "203.0.113.11");
      EgressLab.Job job = lab.open();
      try (var caller = lab.lab.callerIn(job.pid())) {
        assertThat(caller.call("tcp", "203.0.113.10", Lab.PORT)).as("before").isEqualTo("refused");
        assertThat(caller.lookup(lab.resolver, "registry.example.org", "A"))
            .isEqualTo("0 203.0.113.10");
        assertThat(caller.call("tcp", "203.0.113.10", Lab.PORT)).as("after").isEqualTo("world");
        assertThat(caller.call("udp", "203.0.113.10", Lab.PORT)).isNotEqualTo("world");
        assertThat(caller.call("tcp", "2001:db8:aa::7", Lab.PORT)).isEqualTo("refused");
        caller.lookup(lab.resolver, "registry.example.org", "AAAA");
        assertThat(caller.call("tcp", "2001:db8:aa::7", Lab.PORT)).isEqualTo("world");
        assertThat(caller.lookup(lab.resolver, "www.example.org", "A")).isEqualTo("3");
        assertThat(caller.call("tcp", "203.0.113.11", Lab.PORT)).isEqualTo("refused");
        assertThat(caller.call("udp", "198.51.100.7", Lab.PORT)).isEqualTo("world");
        assertThat(caller.call("tcp", "198.51.100.7", Lab.PORT)).isEqualTo("refused");
      }
      lab.close(job);
      assertThat(lab.table()).doesNotContain(job.link());
    }
  }

  @Test
  void theResolverTellsNoPrivateAddressAndNoInternalName() throws Exception {
    for (Set<Protection> missing :
        List.of(Set.<Protection>of(), Set.of(Protection.EGRESS_RESOLVER))) {
      try (var lab = EgressLab.started(missing, "public", "open 10.50.0.0/16 5432")) {
        lab.lab.name("www.example.org", "203.0.113.10", "203.0.113.11");
        lab.lab.name("rebind.example.org", "10.9.9.9");
        lab.lab.name("mixed.example.org", "203.0.113.10", "169.254.169.254");
        lab.lab.name("rebind6.example.org", "fd12:3456::1", "64:ff9b::a09:909");
        lab.lab.name("loop.example.org", "127.0.0.1");
        lab.lab.name("git.corp.example.org", "203.0.113.12");
        lab.lab.name("db.local", "203.0.113.12");
        lab.lab.alias("inward.example.org", "git.corp.example.org");
        lab.lab.name("opened.example.org", "10.50.1.1");
        try (var caller = lab.lab.callerIn(lab.open().pid())) {
          assertThat(caller.lookup(lab.resolver, "www.example.org", "A"))
              .isEqualTo("0 203.0.113.10 203.0.113.11");
          assertThat(caller.lookup(lab.resolver, "opened.example.org", "A"))
              .isEqualTo("0 10.50.1.1");
          Map<String, String> attacks =
              Map.of(
                  "rebind.example.org", "A",
                  "mixed.example.org", "A",
                  "rebind6.example.org", "AAAA",
                  "loop.example.org", "A",
                  "git.corp.example.org", "A",
                  "inward.example.org", "A",
                  "db.local", "A");
          attacks.forEach((name, type) -> {
            String answer = caller.lookup(lab.resolver, name, type);
            if (missing.isEmpty()) {
              assertThat(answer).as(name).isEqualTo("3");
            } else {
              assertThat(answer).as("control: " + name).startsWith("0 ");
            }
          });
          // TXT carries data, and no build needs it.
          assertThat(caller.lookup(lab.resolver, "www.example.org", "16")).isEqualTo("0");
        }
      }
    }
  }

  @Test
  void anotherResolverIsNotAsked() throws Exception {
    for (Set<Protection> missing : List.of(Set.<Protection>of(), NO_FILTER)) {
      try (var lab = EgressLab.started(missing, "public")) {
        lab.lab.name("git.corp.example.org", "203.0.113.12");
        try (var caller = lab.lab.callerIn(lab.open().pid())) {
          // The host's own, at a public address.
          String answer = caller.lookup(LabAddresses.DNS, "git.corp.example.org", "A");
          assertThat(answer.equals("0 203.0.113.12")).as(answer).isEqualTo(!missing.isEmpty());
          assertThat(caller.call("tcp", LabAddresses.DNS, 53).equals("refused"))
              .isEqualTo(missing.isEmpty());
        }
      }
    }
  }

  @Test
  void aJobCannotFillTheHostsTableOfConnections() throws Exception {
    try (var lab = EgressLab.started(Set.of(), "public")) {
      EgressLab.Job flooder = lab.open();
      EgressLab.Job other = lab.open();
      try (var flood = lab.lab.callerIn(flooder.pid());
          var caller = lab.lab.callerIn(other.pid())) {
        flood.scan("203.0.113.10", 1000, 10_000);
        assertThat(lab.table()).doesNotContainPattern(refused(flooder));
        flood.scan("203.0.113.10", 10_001, 40_000);
        assertThat(lab.table()).containsPattern(refused(flooder));
        assertThat(caller.call("udp", "198.51.100.7", Lab.PORT)).isEqualTo("world");
      }
    }
  }

  private static String refused(EgressLab.Job job) {
    return "set refusedsum \\{[^}]*\"" + job.link() + "\" counter packets [1-9]";
  }

  @Test
  void aFlushedOrChangedTableIsInstalledAgainBeforeTheNextJob() throws Exception {
    try (var lab = EgressLab.started(Set.of(), "public")) {
      EgressLab.Job first = lab.open();
      try (var caller = lab.lab.callerIn(first.pid())) {
        for (String harm :
            List.of(
                "flush ruleset",
                "delete table inet holdfast",
                "flush chain inet holdfast to_world",
                "insert rule inet holdfast forward accept",
                "add chain inet holdfast more",
                "delete element inet holdfast source4 { \""
                    + first.link()
                    + "\" . "
                    + first.address4()
                    + " }")) {
          lab.lab.runInHost("nft", harm);
          EgressLab.Job next = lab.open();
          try (var second = lab.lab.callerIn(next.pid())) {
            assertThat(second.call("tcp", "10.9.9.9", Lab.PORT)).as(harm).isEqualTo("refused");
            assertThat(second.call("tcp", "203.0.113.10", Lab.PORT)).isEqualTo("world");
            assertThat(caller.call("tcp", "10.9.9.9", Lab.PORT)).as(harm).isEqualTo("refused");
            assertThat(caller.call("tcp", "203.0.113.10", Lab.PORT)).isEqualTo("world");
          }
          lab.close(next);
        }
        lab.lab.runInHost("nft", "flush chain inet holdfast to_world");
        assertThat(lab.agent.ask("verify")).isEqualTo("ok\ttrue");
        assertThat(lab.agent.ask("verify")).isEqualTo("ok\tfalse");
      }
    }
  }

  @Test
  void withoutItsElementsAnInterfaceReachesNothing() throws Exception {
    try (var lab = EgressLab.started(Set.of(), "public", "open 10.50.0.0/16 7007")) {
      EgressLab.Job job = lab.open();
      try (var caller = lab.lab.callerIn(job.pid())) {
        assertThat(caller.call("tcp", "10.50.0.1", Lab.PORT)).isEqualTo("world");
        lab.lab.runInHost("nft", "flush set inet holdfast opened4");
        assertThat(caller.call("tcp", "10.50.0.1", Lab.PORT)).isEqualTo("refused");
        assertThat(caller.call("tcp", "203.0.113.10", Lab.PORT)).isEqualTo("world");
        lab.lab.runInHost("nft", "flush set inet holdfast public");
        assertThat(caller.call("tcp", "203.0.113.10", Lab.PORT)).isEqualTo("refused");
        lab.lab.runInHost("nft", "flush set inet holdfast source4");
        assertThat(caller.call("tcp", "203.0.113.10", Lab.PORT)).isEqualTo("silent");
      }
    }
  }

  @Test
  void aConnectionOutlivesTheAnswerThatOpenedItButNotItsInterface() throws Exception {
    try (var lab = EgressLab.started(Set.of(), "listed", "open registry.example.org 7007/udp")) {
      lab.lab.name("registry.example.org", "203.0.113.10");
      EgressLab.Job job = lab.open();
      try (var caller = lab.lab.callerIn(job.pid())) {
        caller.lookup(lab.resolver, "registry.example.org", "A");
        assertThat(caller.callAndHold("203.0.113.10")).isEqualTo("world");

        // As if the answer's time were over.
        lab.lab.runInHost("nft", "flush set inet holdfast learned4");
        assertThat(caller.callAgain()).isEqualTo("world");
        assertThat(caller.call("udp", "203.0.113.10", Lab.PORT))
            .as("a new one")
            .isNotEqualTo("world");

        // The connection is still the kernel's, as one of an earlier job of this address would be.
        lab.lab.runInHost("nft", "flush set inet holdfast allowed4");
        assertThat(caller.callAgain()).isNotEqualTo("world");
      }
    }
  }

  @Test
  void namesThatShareAnAddressOpenWhatEachOpens() throws Exception {
    try (var lab =
        EgressLab.started(
            Set.of(),
            "listed",
            "open a.example.org 7000-7100/tcp",
            "open b.example.org 7050-8000/udp",
            "open c.example.org 7007/tcp")) {
      lab.lab.name("a.example.org", "203.0.113.10");
      lab.lab.name("b.example.org", "203.0.113.10");
      lab.lab.name("c.example.org", "203.0.113.10");
      EgressLab.Job job = lab.open();
      try (var caller = lab.lab.callerIn(job.pid())) {
        for (String name : List.of("a", "b", "c", "a")) {
          assertThat(caller.lookup(lab.resolver, name + ".example.org", "A"))
              .isEqualTo("0 203.0.113.10");
        }
        assertThat(caller.call("tcp", "203.0.113.10", Lab.PORT)).isEqualTo("world");
        assertThat(caller.call("udp", "203.0.113.10", Lab.PORT)).isNotEqualTo("world");
      }
      assertThat(lab.table()).contains("203.0.113.10 . tcp . 7000-7100", ". udp . 7050-8000");
      lab.close(job);
      assertThat(lab.table()).doesNotContain(job.link());
    }
  }

  @Test
  void aJobThatFillsTheRecordDoesNotTakeItFromAnother() throws Exception {
    try (var lab = EgressLab.started(Set.of(), "public")) {
      EgressLab.Job scanner = lab.open();
      EgressLab.Job other = lab.open();
      try (var scan = lab.lab.callerIn(scanner.pid());
          var caller = lab.lab.callerIn(other.pid())) {
        scan.scan("203.0.113.10", 1, 6000);
        scan.scan("10.9.9.9", 1, 6000);
        assertThat(caller.call("tcp", "203.0.113.10", Lab.PORT)).isEqualTo("world");
        assertThat(caller.call("tcp", "10.9.9.9", Lab.PORT)).isEqualTo("refused");
      }
      assertThat(lab.close(other))
          .anyMatch(c -> c.startsWith("allowed 203.0.113.10 tcp 7007"))
          .anyMatch(c -> c.startsWith("refused 10.9.9.9 tcp 7007"));
      List<String> record = lab.close(scanner);
      assertThat(record).hasSizeBetween(2000, 2200);
      int unlisted = Integer.parseInt(record.getLast().substring("unlisted ".length()));
      assertThat(unlisted + record.size()).isBetween(12_000, 12_400);
      assertThat(lab.table()).doesNotContain(scanner.link());
    }
  }

  @Test
  void twoHundredJobsAtOnceLeaveNothing() throws Exception {
    try (var lab = EgressLab.started(Set.of(), "public", "open 10.50.0.0/16 5432")) {
      String links = lab.links();
      String table = lab.table();
      for (int jobs : List.of(1, 200)) {
        var pids = new ArrayList<String>();
        for (int i = 0; i < jobs; i++) {
          pids.add(Long.toString(lab.namespace()));
        }
        String answer = lab.agent.ask("many\t" + String.join("\t", pids));
        assertThat(answer).startsWith("ok\topened " + jobs);
        System.out.println(answer.substring(3));
      }
      assertThat(lab.links()).isEqualTo(links);
      assertThat(lab.table()).isEqualTo(table);
    }
  }

  @Test
  void aKilledAgentLeavesNothingOpenAndTheNextCleansUp() throws Exception {
    try (var lab = EgressLab.started(Set.of(), "public")) {
      EgressLab.Job job = lab.open();
      try (var caller = lab.lab.callerIn(job.pid())) {
        lab.agent.kill();
        assertThat(caller.call("tcp", "10.9.9.9", Lab.PORT)).isEqualTo("refused");
      }
      assertThat(lab.links()).contains(job.link());

      LabProcess next = lab.lab.startInHost(EgressDriver.class, List.of());
      lab.start(next, "agent", Set.of(), "public");

      assertThat(lab.links()).doesNotContain(job.link());
      assertThat(lab.table()).doesNotContain(job.link());
    }
  }

  @Test
  void aFilterThatDropsWhatItForwardsIsSaidOrMadeRoomIn() throws Exception {
    try (var lab = new EgressLab()) {
      lab.lab.runInHost("iptables", "-P", "FORWARD", "DROP");
      assertThat(lab.agent.ask("start\tagent\t\tpublic\t"))
          .startsWith("failed\tiptables drops what it forwards")
          .contains("iptables -I FORWARD -i hfj+ -j ACCEPT");

      // As Docker has it.
      lab.lab.runInHost("iptables", "-N", "DOCKER-USER");
      lab.lab.runInHost("iptables", "-A", "FORWARD", "-j", "DOCKER-USER");
      lab.start(lab.agent, "agent", Set.of(), "public");
      assertThat(lab.agent.ask("remarks")).contains("DOCKER-USER -i hfj+");
      try (var caller = lab.lab.callerIn(lab.open().pid())) {
        assertThat(caller.call("tcp", "203.0.113.10", Lab.PORT)).isEqualTo("world");
        assertThat(caller.call("tcp", "10.9.9.9", Lab.PORT)).isEqualTo("refused");
      }
    }
  }

  @Test
  void theHostDoesNotBecomeARouterForItsNeighbours() throws Exception {
    try (var lab = EgressLab.started(Set.of(), "public")) {
      assertThat(lab.agent.ask("remarks"))
          .contains("IPv4 is forwarded between jobs and hflab", "IPv6 is forwarded");
      assertThat(lab.lab.runInHost("cat", "/proc/sys/net/ipv4/ip_forward")).isEqualTo("0\n");
      assertThat(lab.table())
          .containsPattern("set uplinks4 \\{[^}]*elements = \\{ \"hflab\" }")
          .containsPattern("set uplinks6 \\{[^}]*elements = \\{ \"hflab\" }");

      // Docker makes the host a router: then that is not ours to hinder.
      lab.lab.runInHost("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
      assertThat(lab.agent.ask("verify")).isEqualTo("ok\tfalse");
      assertThat(lab.table()).doesNotContainPattern("set uplinks4 \\{[^}]*elements");
    }
  }

  @Test
  void twoAgentsOfOneHostLeaveEachOtherAlone() throws Exception {
    try (var lab = EgressLab.started(Set.of(), "public")) {
      EgressLab.Job job = lab.open();
      LabProcess other = lab.lab.startInHost(EgressDriver.class, List.of());
      String first = lab.resolver;
      lab.start(other, "other", Set.of(), "listed");
      assertThat(lab.resolver).isNotEqualTo(first);
      assertThat(other.ask("open\tx\t" + lab.namespace())).startsWith("ok\t");
      try (var caller = lab.lab.callerIn(job.pid())) {
        lab.lab.name("www.example.org", "203.0.113.10");
        assertThat(caller.call("tcp", "203.0.113.10", Lab.PORT)).isEqualTo("world");
        assertThat(caller.lookup(first, "www.example.org", "A")).isEqualTo("0 203.0.113.10");
        assertThat(caller.lookup(lab.resolver, "www.example.org", "A"))
            .as("the other agent's resolver does not know it")
            .isEqualTo("silent");
      }
      assertThat(other.ask("close\tx")).doesNotStartWith("failed");
      assertThat(other.ask("stop")).isEqualTo("ok");
      assertThat(lab.links()).contains(job.link());
    }
  }

  @Test
  void aNamespaceThatIsNotAJobsOwnIsRefused() throws Exception {
    try (var lab = EgressLab.started(Set.of(), "public")) {
      EgressLab.Job job = lab.open();
      assertThat(lab.agent.ask("open\tx\t" + lab.agent.pid())).contains("own network namespace");
      assertThat(lab.agent.ask("open\tx\t" + job.pid())).contains("of another job");
      assertThat(lab.agent.ask("open\tx\t4194305")).contains("has the sandbox ended");
      lab.close(job);
      assertThat(lab.table()).doesNotContain(job.link());
    }
  }

  @Test
  void aReducedWallIsRefusedOutsideOfALab() throws Exception {
    // Our own process is in no lab.
    var process = LabProcess.start(LabProcess.java(EgressDriver.class, List.of()));
    try (process) {
      assertThat(process.ask("start\tagent\tEGRESS_FILTER\tpublic\t"))
          .isEqualTo(
              "failed\tegress with less than the whole wall is for labs; this process is not in one");
    }
  }

  @Test
  void theLabHasNoWayOutAndLeavesNothing() throws Exception {
    String before = Lab.run(List.of("ip", "netns", "list"), "");
    var names = new ArrayList<String>();
    try (var lab = Lab.open()) {
      assertThat(Lab.run(List.of("ip", "netns", "list"), "")).isNotEqualTo(before);
      for (String line : lab.runInHost("ip", "-br", "link").split("\n")) {
        names.add(line.split("[ @]")[0]);
      }
    }
    assertThat(names).containsExactlyInAnyOrder("lo", "hflab");
    assertThat(Lab.run(List.of("ip", "netns", "list"), "")).isEqualTo(before);
  }
}
