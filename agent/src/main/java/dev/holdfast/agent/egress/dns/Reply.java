package dev.holdfast.agent.egress.dns;

import dev.holdfast.agent.egress.rule.Ip;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is known of a question. Always written anew: no byte of a server's message reaches a job.
 *
 * @param code 0, or 3 for a name that does not exist
 */
record Reply(int code, List<Entry> entries) {
  static final int GOOD = 0;
  static final int FORMAT = 1;
  static final int FAILED = 2;
  static final int NO_SUCH_NAME = 3;

  private static final int MOST_RECORDS = 256;
  private static final int MOST_ENTRIES = 64;

  /** One record of an answer. */
  sealed interface Entry {
    String owner();

    long ttl();

    record Address(String owner, long ttl, Ip address) implements Entry {}

    record Alias(String owner, long ttl, String target) implements Entry {}

    record Service(String owner, long ttl, int priority, int weight, int port, String target)
        implements Entry {}
  }

  Reply {
    entries = List.copyOf(entries);
  }

  static Reply of(int code) {
    return new Reply(code, List.of());
  }

  /** A server's message, and whether it says that it is cut short. */
  record Heard(Reply reply, boolean cut) {}

  /**
   * Reads a server's answer to {@code asked}, of which only those records are taken that the chain
   * of names leads to.
   *
   * @throws BadMessage if it does not answer {@code asked} under {@code id}, or is malformed
   */
  static Heard parse(byte[] bytes, int length, Query asked, int id) throws BadMessage {
    Wire wire = new Wire(bytes, length);
    if (wire.u16() != id) {
      throw new BadMessage("answers something else");
    }
    int flags = wire.u16();
    if ((flags & 0xf800) != 0x8000) {
      throw new BadMessage("is no answer");
    }
    if (wire.u16() != 1) {
      throw new BadMessage("does not repeat the question");
    }
    int answers = wire.u16();
    wire.u16();
    wire.u16();
    if (!wire.name().equals(asked.name()) || wire.u16() != asked.type() || wire.u16() != 1) {
      throw new BadMessage("repeats another question");
    }
    if ((flags & 0x0200) != 0) {
      return new Heard(of(FAILED), true);
    }
    int code = flags & 15;
    if (answers > MOST_RECORDS) {
      throw new BadMessage("has more than " + MOST_RECORDS + " answers");
    }
    var entries = new ArrayList<Entry>();
    for (int i = 0; i < answers; i++) {
      entry(wire, entries);
    }
    return new Heard(
        code == GOOD || code == NO_SUCH_NAME ? new Reply(code, chain(asked, entries)) : of(FAILED),
        false);
  }

  private static void entry(Wire wire, List<Entry> entries) throws BadMessage {
    String owner = wire.name();
    int type = wire.u16();
    int family = wire.u16();
    long ttl = wire.u32();
    int length = wire.u16();
    int end = wire.position() + length;
    Kind kind = family == 1 ? Kind.of(type).orElse(null) : null;
    switch (kind) {
      case A, AAAA -> {
        if (length != (kind == Kind.A ? 4 : 16)) {
          throw new BadMessage("has an address of " + length + " bytes");
        }
        entries.add(new Entry.Address(owner, ttl, Ip.of(wire.take(length))));
      }
      case CNAME -> entries.add(new Entry.Alias(owner, ttl, wire.name()));
      case SRV ->
          entries.add(
              new Entry.Service(owner, ttl, wire.u16(), wire.u16(), wire.u16(), wire.name()));
      case null -> wire.take(length);
    }
    wire.skipTo(end);
  }

  /** What belongs to the name that was asked, whatever else the server has put beside it. */
  private static List<Entry> chain(Query asked, List<Entry> all) throws BadMessage {
    var kept = new ArrayList<Entry>();
    Set<String> seen = new HashSet<>();
    String name = asked.name();
    while (seen.add(name)) {
      String here = name;
      for (Entry entry : all) {
        boolean wanted =
            switch (entry) {
              case Entry.Alias _ -> false;
              case Entry.Address(_, _, Ip address) ->
                  asked.type() == (address.v6() ? Kind.AAAA : Kind.A).code();
              case Entry.Service _ -> asked.type() == Kind.SRV.code();
            };
        if (wanted && entry.owner().equals(here)) {
          kept.add(entry);
        }
      }
      for (Entry entry : all) {
        if (entry instanceof Entry.Alias alias && alias.owner().equals(here)) {
          kept.add(alias);
          name = alias.target();
          break;
        }
      }
    }
    if (kept.size() > MOST_ENTRIES) {
      throw new BadMessage("has more than " + MOST_ENTRIES + " answers to the question");
    }
    return kept;
  }

  /** As bytes for the one who asked; cut short if it is longer than {@code most}. */
  byte[] write(Query asked, int most) {
    var out = new ByteArrayOutputStream();
    int recursion = asked.recursion() ? 0x0100 : 0;
    Query.u16(out, asked.id());
    Query.u16(out, 0x8080 | recursion | code);
    Query.u16(out, 1);
    Query.u16(out, entries.size());
    Query.u16(out, 0);
    Query.u16(out, asked.extended() ? 1 : 0);
    asked.question(out);
    entries.forEach(e -> entry(out, e));
    extended(out, asked);
    return out.size() <= most ? out.toByteArray() : cut(asked, recursion);
  }

  private byte[] cut(Query asked, int recursion) {
    var out = new ByteArrayOutputStream();
    Query.u16(out, asked.id());
    Query.u16(out, 0x8280 | recursion | code);
    Query.u16(out, 1);
    Query.u16(out, 0);
    Query.u16(out, 0);
    Query.u16(out, asked.extended() ? 1 : 0);
    asked.question(out);
    extended(out, asked);
    return out.toByteArray();
  }

  private static void extended(ByteArrayOutputStream out, Query asked) {
    if (asked.extended()) {
      out.write(0);
      Query.u16(out, 41);
      Query.u16(out, 1232);
      Query.u32(out, 0);
      Query.u16(out, 0);
    }
  }

  private static void entry(ByteArrayOutputStream out, Entry entry) {
    var data = new ByteArrayOutputStream();
    Kind kind =
        switch (entry) {
          case Entry.Address(_, _, Ip address) -> {
            data.writeBytes(address.bytes());
            yield address.v6() ? Kind.AAAA : Kind.A;
          }
          case Entry.Alias(_, _, String target) -> {
            Query.name(data, target);
            yield Kind.CNAME;
          }
          case Entry.Service(_, _, int priority, int weight, int port, String target) -> {
            Query.u16(data, priority);
            Query.u16(data, weight);
            Query.u16(data, port);
            Query.name(data, target);
            yield Kind.SRV;
          }
        };
    Query.name(out, entry.owner());
    Query.u16(out, kind.code());
    Query.u16(out, 1);
    Query.u32(out, entry.ttl());
    Query.u16(out, data.size());
    out.writeBytes(data.toByteArray());
  }
}
