package dev.holdfast.agent.mask;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Finds a value in a log by undoing what may have been done to it, one way of writing after the
 * other over the whole text, and then looking for the value. It shares nothing with the masker: no
 * code, and not the direction either.
 */
final class Finder {
  private static final Pattern SEQUENCES =
      Pattern.compile("\u001b\\[[0-9;]*[A-Za-z]|\u001b\\][^\u0007\n]*\u0007|\u00e2\u0080\u008b");
  private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/_-]{8,}");
  private static final Pattern HEX = Pattern.compile("(?i)[0-9a-f]{8,}");

  private Finder() {}

  /** Whether {@code value} stands in {@code log} in some way. */
  static boolean finds(byte[] log, String value) {
    // One character for one byte, so that what is decoded and what is not can stand together.
    String wanted = bytes(value.getBytes(StandardCharsets.UTF_8));
    String text = bytes(log);
    List<String> readings = new ArrayList<>();
    for (String each : List.of(text, SEQUENCES.matcher(text).replaceAll(""))) {
      readings.add(each);
      readings.add(each.replaceAll("[\r\n]", ""));
    }
    return readings.stream().anyMatch(each -> reads(each, wanted));
  }

  private static boolean reads(String text, String wanted) {
    String flat = wanted.replaceAll("[\r\n]", "");
    List<String> all = new ArrayList<>();
    all.add(text);
    all.add(url(text));
    all.add(url(text.replace('+', ' ')));
    all.add(backslashes(text));
    all.add(backslashes(backslashes(text)));
    all.add(entities(text));
    all.add(text.replace("'\\''", "'"));
    all.add(text.replace("'\"'\"'", "'"));
    hex(text, all);
    base64(text, all);
    return all.stream().anyMatch(each -> each.contains(wanted) || each.contains(flat));
  }

  private static String bytes(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static String utf8(int codePoint) {
    return bytes(Character.toString(codePoint).getBytes(StandardCharsets.UTF_8));
  }

  private static String each(String text, String pattern, Function<MatchResult, String> by) {
    return Pattern.compile(pattern)
        .matcher(text)
        .replaceAll(found -> java.util.regex.Matcher.quoteReplacement(by.apply(found)));
  }

  private static String url(String text) {
    return each(text, "%([0-9a-fA-F]{2})", m -> "" + (char) Integer.parseInt(m.group(1), 16));
  }

  private static String backslashes(String text) {
    return each(
        text,
        "\\\\(u[0-9a-fA-F]{4}|[0-7]{3}|.)",
        m -> {
          String what = m.group(1);
          if (what.length() == 5) {
            return utf8(Integer.parseInt(what.substring(1), 16));
          }
          if (what.length() == 3) {
            return "" + (char) Integer.parseInt(what, 8);
          }
          return what.equals("n") ? "\n" : what;
        });
  }

  private static String entities(String text) {
    String numbers =
        each(
            each(text, "&#x([0-9a-fA-F]+);", m -> utf8(Integer.parseInt(m.group(1), 16))),
            "&#([0-9]+);",
            m -> utf8(Integer.parseInt(m.group(1))));
    return numbers
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&");
  }

  private static void hex(String text, List<String> to) {
    String joined = text.replaceAll("(?i)(?<=[0-9a-f]{2})(, 0x|, |[: -])(?=[0-9a-f]{2})", "");
    HEX.matcher(joined)
        .results()
        .map(MatchResult::group)
        .forEach(run -> {
          for (int from = 0; from < 2; from++) {
            String even = run.substring(from, from + (run.length() - from) / 2 * 2);
            to.add(bytes(java.util.HexFormat.of().parseHex(even)));
          }
        });
  }

  private static void base64(String text, List<String> to) {
    String usual = text.replace('-', '+').replace('_', '/');
    for (String read : List.of(text, usual)) {
      BASE64
          .matcher(read)
          .results()
          .map(MatchResult::group)
          .forEach(run -> {
            for (int from = 0; from < 4; from++) {
              String part = run.substring(from).replace('-', '+').replace('_', '/');
              // A last character alone is not even a byte.
              int length = part.length() % 4 == 1 ? part.length() - 1 : part.length();
              to.add(bytes(Base64.getDecoder().decode(part.substring(0, length))));
            }
          });
    }
  }
}
