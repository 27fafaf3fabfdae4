package dev.holdfast.agent.egress.dns;

import dev.holdfast.agent.egress.rule.Decision;
import dev.holdfast.agent.egress.rule.Ip;
import java.util.LinkedHashSet;
import java.util.function.Function;

/** What a job is told of a question: the policy between it and the servers. */
final class Answers {
  /** Shorter lives would make a job ask in between its own connections. */
  private static final long SHORTEST = 30;

  private static final long LONGEST = 3600;

  private final Function<Query, Reply> upstream;

  Answers(Function<Query, Reply> upstream) {
    this.upstream = upstream;
  }

  /**
   * What is refused has no such name: a program that is told of a failure tries again and again,
   * and one that is told of no name says so.
   */
  Reply answer(Asker asker, Query query) {
    Decision mayAsk = asker.mayAsk(query.name());
    if (!mayAsk.open()) {
      asker.asked(query.name(), mayAsk);
      return Reply.of(Reply.NO_SUCH_NAME);
    }
    if (Kind.of(query.type()).isEmpty()) {
      asker.asked(query.name(), mayAsk);
      return Reply.of(Reply.GOOD);
    }
    Reply reply = upstream.apply(query);
    Decision heard = judge(asker, query, reply, mayAsk);
    asker.asked(query.name(), heard);
    return heard.open() ? tell(asker, query, reply) : Reply.of(Reply.NO_SUCH_NAME);
  }

  /** One answer that must not be given spoils all of them: they come from the same hand. */
  private static Decision judge(Asker asker, Query query, Reply reply, Decision mayAsk) {
    for (Reply.Entry entry : reply.entries()) {
      Decision decision =
          switch (entry) {
            case Reply.Entry.Address(_, _, Ip address) -> asker.mayHear(query.name(), address);
            case Reply.Entry.Alias(_, _, String target) -> asker.mayFollow(query.name(), target);
            case Reply.Entry.Service service -> asker.mayFollow(query.name(), service.target());
          };
      if (!decision.open()) {
        return decision;
      }
    }
    return mayAsk;
  }

  private static Reply tell(Asker asker, Query query, Reply reply) {
    var addresses = new LinkedHashSet<Ip>();
    long ttl = LONGEST;
    for (Reply.Entry entry : reply.entries()) {
      ttl = Math.min(ttl, entry.ttl());
      if (entry instanceof Reply.Entry.Address(_, _, Ip address)) {
        addresses.add(address);
      }
    }
    long lives = Math.max(ttl, SHORTEST);
    if (!addresses.isEmpty() && !asker.hears(query.name(), addresses, lives)) {
      return Reply.of(Reply.FAILED);
    }
    return new Reply(reply.code(), reply.entries().stream().map(e -> living(e, lives)).toList());
  }

  private static Reply.Entry living(Reply.Entry entry, long lives) {
    long ttl = Math.min(entry.ttl(), lives);
    return switch (entry) {
      case Reply.Entry.Address(String owner, _, Ip address) ->
          new Reply.Entry.Address(owner, ttl, address);
      case Reply.Entry.Alias(String owner, _, String target) ->
          new Reply.Entry.Alias(owner, ttl, target);
      case Reply.Entry.Service s ->
          new Reply.Entry.Service(s.owner(), ttl, s.priority(), s.weight(), s.port(), s.target());
    };
  }
}
