package dev.holdfast.agent.egress;

import dev.holdfast.agent.egress.rule.Decision;
import dev.holdfast.agent.egress.rule.Ip;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a job asked its resolver. Bounded; thread-safe. */
final class AskedNames {
  private static final int MOST = 2048;

  private final Map<String, EgressRecord.AskedName> names = new LinkedHashMap<>();
  private final Map<Ip, String> byAddress = new HashMap<>();

  synchronized void add(String name, Decision decision) {
    EgressRecord.AskedName before = names.get(name);
    if (before != null || names.size() < MOST) {
      long times = before == null ? 1 : before.times() + 1;
      names.put(name, new EgressRecord.AskedName(name, decision.open(), decision.why(), times));
    }
  }

  synchronized void answered(String name, Ip address) {
    if (byAddress.size() < MOST || byAddress.containsKey(address)) {
      byAddress.put(address, name);
    }
  }

  synchronized Optional<String> of(Ip address) {
    return Optional.ofNullable(byAddress.get(address));
  }

  synchronized List<EgressRecord.AskedName> list() {
    return new ArrayList<>(names.values());
  }
}
