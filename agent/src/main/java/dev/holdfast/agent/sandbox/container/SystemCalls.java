package dev.holdfast.agent.sandbox.container;

import dev.holdfast.agent.sandbox.seccomp.Denied;
import dev.holdfast.agent.sandbox.seccomp.Permitted;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which system calls a container may make, as a seccomp profile for the engine: what {@link
 * AllowedCalls} lists, and of the calls with arguments what {@link Permitted} says.
 *
 * <p>All else does not exist for the job, so that libraries fall back to older calls; what {@link
 * Denied} names is refused as it says. Only the host's own table of calls can be used: a program of
 * another one, as of 32-bit x86, is ended.
 *
 * <p>A kernel uses the lower half of most arguments, while a filter sees all of it. So every rule
 * here masks the upper half away.
 */
final class SystemCalls {
  private static final long LOWER = 0xFFFF_FFFFL;

  // errno-base.h, errno.h
  private static final int EPERM = 1;
  private static final int ENOSYS = 38;
  private static final int EAFNOSUPPORT = 97;

  /** The argument {@code index} has {@code value} where {@code mask} has bits. */
  private record Where(int index, long mask, long value) {
    static Where is(int index, int value) {
      return new Where(index, LOWER, value & LOWER);
    }

    /** Together every argument but {@code values}, as prefixes of bits that none of them has. */
    static List<Where> not(int index, List<Integer> values) {
      var found = new ArrayList<Where>();
      addOthers(found, index, 0, 0, values.stream().map(value -> value & LOWER).toList());
      return found;
    }

    private static void addOthers(
        List<Where> found, int index, int known, long prefix, List<Long> values) {
      if (values.isEmpty()) {
        found.add(new Where(index, (LOWER << (32 - known)) & LOWER, prefix));
      } else if (known < 32) {
        for (int bit = 0; bit <= 1; bit++) {
          long longer = prefix | ((long) bit << (31 - known));
          List<Long> inside =
              values.stream().filter(value -> (value ^ longer) >> (31 - known) == 0).toList();
          addOthers(found, index, known + 1, longer, inside);
        }
      }
    }

    Json json() {
      return object(
          "index",
          Json.Num.of(index),
          "op",
          new Json.Str("SCMP_CMP_MASKED_EQ"),
          "value",
          Json.Num.of(mask),
          "valueTwo",
          Json.Num.of(value));
    }
  }

  private final List<Json> rules = new ArrayList<>();

  private SystemCalls() {}

  /** The profile in the engines' own format, which is that of Docker and Podman. */
  static String profile() {
    var made = new SystemCalls();
    made.addAll();
    return JsonText.compact(
        object(
            "defaultAction",
            new Json.Str("SCMP_ACT_ERRNO"),
            "defaultErrnoRet",
            Json.Num.of(ENOSYS),
            "syscalls",
            new Json.Arr(made.rules)));
  }

  private void addAll() {
    allow(AllowedCalls.names());
    for (Denied call : Denied.values()) {
      refuse(call.call(), call.looksAbsent() ? ENOSYS : EPERM);
    }
    // Its flags are in memory, where a filter cannot look; libraries then use clone.
    refuse("clone3", ENOSYS);
    allow("clone", new Where(0, Permitted.NEW_NAMESPACES & LOWER, 0));
    for (int bits = Permitted.NEW_NAMESPACES; bits != 0; bits &= bits - 1) {
      int flag = Integer.lowestOneBit(bits);
      refuse("clone", EPERM, new Where(0, flag, flag));
    }
    Where.not(1, Permitted.REFUSED_REQUESTS).forEach(where -> allow("ioctl", where));
    Permitted.REFUSED_REQUESTS.forEach(value -> refuse("ioctl", EPERM, Where.is(1, value)));
    Permitted.PERSONALITIES.forEach(value -> allow("personality", Where.is(0, value)));
    Where.not(0, Permitted.PERSONALITIES).forEach(where -> refuse("personality", EPERM, where));
    addSockets();
  }

  private void addSockets() {
    Permitted.FAMILIES.forEach(value -> allow("socket", Where.is(0, value)));
    Where netlink = Where.is(0, Permitted.NETLINK);
    allow("socket", netlink, Where.is(2, Permitted.NETLINK_ROUTE));
    Where.not(2, List.of(Permitted.NETLINK_ROUTE))
        .forEach(where -> refuse("socket", EAFNOSUPPORT, netlink, where));
    allow("socketpair", Where.is(0, Permitted.PAIRS));
    Where.not(0, List.of(Permitted.PAIRS))
        .forEach(where -> refuse("socketpair", EAFNOSUPPORT, where));
    var known = new ArrayList<>(Permitted.FAMILIES);
    known.add(Permitted.NETLINK);
    Where.not(0, known).forEach(where -> refuse("socket", EAFNOSUPPORT, where));
  }

  private void allow(List<String> names) {
    rules.add(rule(names, "SCMP_ACT_ALLOW", List.of()));
  }

  private void allow(String name, Where... where) {
    rules.add(rule(List.of(name), "SCMP_ACT_ALLOW", List.of(where)));
  }

  private void refuse(String name, int error, Where... where) {
    Json.Obj rule = rule(List.of(name), "SCMP_ACT_ERRNO", List.of(where));
    var fields = new LinkedHashMap<String, Json>(rule.fields());
    fields.put("errnoRet", Json.Num.of(error));
    rules.add(Json.Obj.of(fields));
  }

  private static Json.Obj rule(List<String> names, String action, List<Where> where) {
    return object(
        "names",
        new Json.Arr(names.stream().<Json>map(Json.Str::new).toList()),
        "action",
        new Json.Str(action),
        "args",
        new Json.Arr(where.stream().map(Where::json).toList()));
  }

  private static Json.Obj object(Object... pairs) {
    Map<String, Json> fields = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      fields.put((String) pairs[i], (Json) pairs[i + 1]);
    }
    return Json.Obj.of(fields);
  }
}
