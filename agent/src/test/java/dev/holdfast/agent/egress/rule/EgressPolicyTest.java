package dev.holdfast.agent.egress.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.agent.egress.rule.EgressPolicy.Part;
import dev.holdfast.agent.egress.rule.Scope.JobScope;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EgressPolicyTest {
  private static final JobScope SHOP = new JobScope("metal", "shop", "release");
  private static final JobScope OTHER = new JobScope("metal", "other", "release");

  private static Scope scope(String pool, String repository, String workflow) {
    return new Scope(given(pool), given(repository), given(workflow));
  }

  private static Optional<String> given(String name) {
    return name.isEmpty() ? Optional.empty() : Optional.of(name);
  }

  private static Part part(Scope scope, String otherwise, String... rules) {
    return Part.parse(scope, given(otherwise), List.of(rules));
  }

  private static final EgressPolicy POLICY =
      new EgressPolicy(
          List.of(
              part(Scope.everyJob(), "public", "block 93.184.216.0/24", "block evil.example.org"),
              part(scope("metal", "", ""), "", "open 10.0.0.0/8 5432", "block 10.1.0.0/16"),
              part(
                  scope("", "shop", ""),
                  "listed",
                  "open registry.example.org 443",
                  "open *.cdn.example.org 80,443",
                  "open 10.1.2.3 5432/tcp",
                  "open 1.1.1.1 icmp"),
              part(
                  scope("", "shop", "release"),
                  "",
                  "block 10.1.2.3 5432",
                  "open db.corp.example.org 5432")),
          List.of("corp.example.org", ".corp"));

  @ParameterizedTest(name = "{0} to {1} {2} {3}/{4}: {5} by {6}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          other | 93.184.215.14 | -                    | tcp | 443  | true  | public, default of every job
          other | 93.184.216.34 | -                    | tcp | 443  | false | "block 93.184.216.0/24" of every job
          other | 93.184.215.14 | evil.example.org     | tcp | 443  | false | "block evil.example.org" of every job
          other | 10.9.9.9      | -                    | tcp | 5432 | true  | "open 10.0.0.0/8 5432/tcp" of pool metal
          other | 10.9.9.9      | -                    | udp | 5432 | false | 10.0.0.0/8 (private)
          other | 10.9.9.9      | -                    | tcp | 22   | false | 10.0.0.0/8 (private)
          other | 10.1.9.9      | -                    | tcp | 5432 | false | "block 10.1.0.0/16" of pool metal
          other | 10.1.2.3      | -                    | tcp | 5432 | false | "block 10.1.0.0/16" of pool metal
          other | 169.254.169.254 | -                  | tcp | 80   | false | 169.254.169.254 (cloud metadata)
          other | 127.0.0.1     | -                    | tcp | 80   | false | 127.0.0.0/8 (loopback)
          other | fd00::5       | -                    | tcp | 80   | false | fc00::/7 (unique local)
          other | 2606:2800::1  | -                    | udp | 443  | true  | public, default of every job
          shop  | 93.184.215.14 | -                    | tcp | 443  | false | listed, default of repository shop
          shop  | 93.184.215.14 | registry.example.org | tcp | 443  | true  | "open registry.example.org 443/tcp" of repository shop
          shop  | 93.184.215.14 | registry.example.org | tcp | 80   | false | listed, default of repository shop
          shop  | 93.184.215.14 | a.b.cdn.example.org  | tcp | 80   | true  | "open *.cdn.example.org 80,443/tcp" of repository shop
          shop  | 93.184.215.14 | cdn.example.org      | tcp | 80   | false | listed, default of repository shop
          shop  | 10.2.0.1      | registry.example.org | tcp | 443  | false | 10.0.0.0/8 (private)
          shop  | 10.1.2.3      | -                    | tcp | 5432 | false | "block 10.1.2.3 5432/tcp" of repository shop, workflow release
          other | 1.1.1.1       | -                    | udp | 53   | false | resolver
          other | 1.1.1.1       | -                    | tcp | 853  | false | resolver
          shop  | 1.1.1.1       | -                    | icmp | 0   | true  | "open 1.1.1.1 icmp" of repository shop
          """)
  void theNarrowestRuleDecides(
      String repository,
      String address,
      String name,
      String protocol,
      int port,
      boolean open,
      String by) {
    JobRules rules =
        POLICY.forJob(new JobScope("metal", repository, "release"), Blocked.standard());

    Decision decision =
        rules.decide(
            new Destination(
                Ip.of(address),
                name.equals("-") ? Optional.empty() : Optional.of(name),
                Protocol.parse(protocol).orElseThrow(),
                port));

    assertThat(decision.by()).isEqualTo(by);
    assertThat(decision.open()).isEqualTo(open);
  }

  @Test
  void aNarrowerScopeOpensWhatAWiderBlocks() {
    JobRules rules = POLICY.forJob(new JobScope("metal", "shop", "nightly"), Blocked.standard());

    Decision decision =
        rules.decide(new Destination(Ip.of("10.1.2.3"), Optional.empty(), Protocol.TCP, 5432));

    assertThat(decision.by()).isEqualTo("\"open 10.1.2.3 5432/tcp\" of repository shop");
    assertThat(decision.why())
        .isEqualTo("10.1.2.3 5432/tcp is opened by \"open 10.1.2.3 5432/tcp\" of repository shop");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "www.example.org, true",
    "evil.example.org, false",
    "corp, false",
    "git.corp, false",
    "corp.example.org, false",
    "x.corp.example.org, false",
    "xcorp.example.org, true",
    "db.local, false",
    "metadata.google.internal, false",
    "localhost, false",
    "intranet, false",
    "router.home.arpa, false",
    "9.9.9.10.in-addr.arpa, false",
    "a..b, false",
    "-a.example.org, false"
  })
  void namesAreRefusedByZone(String name, boolean open) {
    assertThat(POLICY.forJob(OTHER, Blocked.standard()).decideName(name).open()).isEqualTo(open);
  }

  @Test
  void aRuleOpensANameOfAnInternalZone() {
    JobRules rules = POLICY.forJob(SHOP, Blocked.standard());

    assertThat(rules.decideName("DB.corp.example.org").open()).isTrue();
    assertThat(rules.decideName("db2.corp.example.org").open()).isFalse();
    assertThat(rules.decideName("www.example.com").open()).as("listed").isFalse();
  }

  @Test
  void anAnswerInABlockedRangeNeedsARuleForTheAddress() {
    JobRules rules = POLICY.forJob(OTHER, Blocked.standard());

    assertThat(rules.decideAnswer("www.example.org", Ip.of("93.184.215.14")).open()).isTrue();
    assertThat(rules.decideAnswer("www.example.org", Ip.of("10.9.9.9")).open())
        .as("5432 is open there")
        .isTrue();
    assertThat(rules.decideAnswer("www.example.org", Ip.of("10.1.9.9")).open()).isFalse();
    assertThat(rules.decideAnswer("www.example.org", Ip.of("192.168.1.1")).open()).isFalse();
    assertThat(rules.decideAnswer("www.example.org", Ip.of("127.0.0.1")).open()).isFalse();
  }

  @Test
  void noneIsNothingWhateverTheRulesSay() {
    EgressPolicy policy =
        new EgressPolicy(
            List.of(part(Scope.everyJob(), "none", "open 1.1.1.1 any", "open a.example.org any")),
            List.of());
    JobRules rules = policy.forJob(SHOP, Blocked.standard());

    assertThat(
            rules
                .decide(new Destination(Ip.of("1.1.1.1"), Optional.empty(), Protocol.TCP, 1))
                .open())
        .isFalse();
    assertThat(rules.decideName("a.example.org").open()).isFalse();
    assertThat(Box.of(rules, false)).isEmpty();
  }

  @Test
  void whereNoPartGivesADefaultNothingIsOpen() {
    EgressPolicy policy = new EgressPolicy(List.of(), List.of());

    assertThat(policy.forJob(SHOP, Blocked.standard()).mode()).isEqualTo(Mode.LISTED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "open",
        "open a.example.org",
        "allow a.example.org 443",
        "open *.com 443",
        "open com 443",
        "open * any",
        "open a.*.org 443",
        "open 10.0.0.1/8 443",
        "open 10.0.0.0/33 443",
        "open 010.0.0.1 443",
        "open 1.2.3 443",
        "open 10.0.0.9-10.0.0.1 443",
        "open 1.1.1.1 0",
        "open 1.1.1.1 65536",
        "open 1.1.1.1 443/sctp",
        "open 1.1.1.1 9-1",
        "open 1.1.1.1 http",
        "open 127.0.0.1 443",
        "open ::1 443",
        "open ::ffff:10.0.0.1 443",
        "open 224.0.0.1 443",
        "block a.example.org 443",
        "open a.example.org 443 tcp",
        "open -a.example.org 443",
        "open 1::2::3 443",
        "open fe80::1 any",
        "open 1.1.1.1 443/icmp"
      })
  void whatIsNotUnderstoodIsRefusedWithTheRule(String text) {
    assertThatThrownBy(() -> Rule.parse(text))
        .isInstanceOf(BadRule.class)
        .hasMessageContaining(text);
  }

  @Test
  void namesThatCouldMeanMoreAreRefused() {
    assertThatThrownBy(() -> scope("", "sh*p", ""))
        .hasMessageContaining("patterns are not understood");
    assertThatThrownBy(() -> scope("", "", "release")).hasMessageContaining("add repository");
    assertThatThrownBy(() ->
            new EgressPolicy(
                List.of(part(Scope.everyJob(), "none"), part(Scope.everyJob(), "public")),
                List.of()))
        .hasMessageContaining("twice");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "open registry.example.org 443/tcp",
        "open *.example.org 80,443,8000-8100/tcp",
        "block 10.0.0.0/8",
        "open 10.0.0.1-10.0.0.9 53/udp",
        "open 2606:2800::/32 any",
        "open 1.1.1.1 icmp",
        "open 1.1.1.1 any/udp"
      })
  void rulesAreWrittenAsTheyAreRead(String text) {
    assertThat(Rule.parse(text)).hasToString(text);
    assertThat(Rule.parse(Rule.parse(text).toString())).isEqualTo(Rule.parse(text));
  }

  @Test
  void listedRulesAreProposedFromWhatWasReached() {
    List<Contact> contacts =
        List.of(
            contact("93.184.215.14", "registry.example.org", "tcp", 443, true),
            contact("93.184.215.15", "registry.example.org", "tcp", 443, true),
            contact("93.184.215.15", "registry.example.org", "tcp", 80, true),
            contact("1.1.1.1", "", "icmp", 0, true),
            contact("10.0.0.1", "", "tcp", 22, false),
            contact("1.0.0.1", "", "47", 0, false));

    assertThat(Learn.propose(contacts).stream().map(p -> p.rule() + ": " + p.packets()))
        .containsExactly("open 1.1.1.1 icmp: 3", "open registry.example.org 80,443/tcp: 9");
  }

  @ParameterizedTest(name = "{0} for {1}: {3}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          www.example.com             | other | true  | www.example.com (93.184.215.14) 443/tcp is public, and the default is public, default of every job
          www.example.com:22/udp      | other | true  | www.example.com (93.184.215.14) 22/udp is public, and the default is public, default of every job
          registry.example.org        | shop  | true  | is opened by "open registry.example.org 443/tcp" of repository shop
          registry.example.org:80     | shop  | false | registry.example.org (93.184.215.14) 80/tcp is opened by no rule
          www.example.com             | shop  | false | www.example.com is opened by no rule, and the default is listed, default of repository shop
          rebind.example.com          | other | false | rebind.example.com is said to be 192.168.1.1, in 192.168.0.0/16 (private), and no rule opens that
          git.corp.example.org        | other | false | git.corp.example.org is in the internal zone corp.example.org, and no rule opens it
          nothing.example.com         | other | false | nothing.example.com has no address that is known here
          10.9.9.9:5432               | other | true  | 10.9.9.9 5432/tcp is opened by "open 10.0.0.0/8 5432/tcp" of pool metal
          [fd00::1]:443               | other | false | fd00::1 443/tcp is in fc00::/7 (unique local), and no rule opens it
          fd00:ec2::254               | other | false | fd00:ec2::254 443/tcp is in fd00:ec2::254 (cloud metadata), and no rule opens it
          1.1.1.1/icmp                | shop  | true  | 1.1.1.1 icmp is opened by "open 1.1.1.1 icmp" of repository shop
          127.0.0.1:80                | other | false | 127.0.0.1 80/tcp is in 127.0.0.0/8 (loopback), which no rule can open
          """)
  void whatDecidesIsExplained(String asked, String repository, boolean open, String why) {
    JobRules rules =
        POLICY.forJob(new JobScope("metal", repository, "nightly"), Blocked.standard());

    Explanation explanation =
        Explanation.of(
            rules,
            asked,
            name ->
                switch (name) {
                  case "rebind.example.com" ->
                      List.of(Ip.of("93.184.215.14"), Ip.of("192.168.1.1"));
                  case "nothing.example.com" -> List.of();
                  default -> List.of(Ip.of("93.184.215.14"));
                });

    assertThat(explanation.open()).isEqualTo(open);
    assertThat(explanation.steps().getLast().why()).contains(why);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a b", "http://x.example.org/", "x.example.org:99999", "localhost:80"})
  void whatIsNoDestinationIsNotExplained(String asked) {
    JobRules rules = POLICY.forJob(OTHER, Blocked.standard());

    assertThatThrownBy(() -> Explanation.of(rules, asked, _ -> List.of(Ip.of("1.1.1.1"))))
        .isInstanceOf(BadRule.class);
  }

  private static Contact contact(
      String address, String name, String protocol, int port, boolean allowed) {
    return new Contact(Ip.of(address), given(name), protocol, port, 3, 300, allowed);
  }

  @Test
  void whileItInstalls_aJobReachesRegistriesAlone_thatNothingBlocks() {
    var policy =
        new EgressPolicy(
            List.of(
                part(Scope.everyJob(), "public", "open 10.9.9.9 any"),
                part(scope("", "other", ""), "none")),
            List.of(),
            List.of(Rule.parse("open registry.example.org 443"), Rule.parse("open 192.0.2.7 443")));
    JobRules rules = policy.forJob(SHOP, Blocked.withoutDocumentation());
    JobRules installing = policy.installing(rules);
    assertThat(installing.decideName("registry.example.org").open()).isTrue();
    assertThat(installing.decideName("evil.example.org").open()).isFalse();
    assertThat(rules.decideName("evil.example.org").open()).as("the control").isTrue();
    var other = new Destination(Ip.of("10.9.9.9"), Optional.empty(), Protocol.TCP, 443);
    assertThat(installing.decide(other).open()).as("the job's own opening").isFalse();
    assertThat(rules.decide(other).open()).as("the control").isTrue();
    var registry = new Destination(Ip.of("192.0.2.7"), Optional.empty(), Protocol.TCP, 443);
    assertThat(installing.decide(registry).open()).isTrue();
    var blocking =
        new EgressPolicy(
            List.of(part(Scope.everyJob(), "public", "block 192.0.2.0/24")),
            List.of(),
            policy.registries());
    assertThat(
            blocking
                .installing(blocking.forJob(SHOP, Blocked.withoutDocumentation()))
                .decide(registry)
                .open())
        .isFalse();
    assertThat(policy.installing(policy.forJob(OTHER, Blocked.standard())).isNone()).isTrue();
    assertThatThrownBy(
            () -> new EgressPolicy(List.of(), List.of(), List.of(Rule.parse("block 192.0.2.7"))))
        .isInstanceOf(BadRule.class)
        .hasMessageContaining("stands among the registries");
  }
}
