package dev.holdfast.agent.mask;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Makes secrets, and writes them as programs write them. */
final class Leaks {
  /** A way of writing. */
  enum Way {
    PLAIN,
    LINE,
    WRAPPED,
    COLOURED,
    BASE64,
    BASE64_URL,
    BASE64_BARE,
    BASE64_WRAPPED,
    HEX,
    HEX_UPPER,
    HEX_SEPARATED,
    HEX_WRAPPED,
    URL_ALL,
    URL_FORM,
    URL_SMALL,
    JSON,
    JSON_ASCII,
    JSON_TWICE,
    SHELL_QUOTED,
    SHELL_DOLLAR,
    SHELL_BACKSLASH,
    XML_NAMED,
    XML_DECIMAL,
    XML_HEX
  }

  private static final String PUNCTUATION = "'\"\\/&<>$ %+!`;{}=é~#";
  private static final String LETTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

  private final Random random;

  Leaks(long seed) {
    this.random = new Random(seed);
  }

  Random random() {
    return random;
  }

  /** A value of some shape: a token, a pass phrase with all that is escaped, a key, a text. */
  String secret() {
    return switch (random.nextInt(5)) {
      case 0 -> "ghp_" + letters(36);
      case 1 -> letters(8 + random.nextInt(60));
      case 2 -> phrase(8 + random.nextInt(40));
      case 3 -> key(2 + random.nextInt(12));
      default -> "postgres://app:" + phrase(12) + "@db/" + letters(5);
    };
  }

  private String letters(int length) {
    return random
        .ints(length, 0, LETTERS.length())
        .mapToObj(i -> LETTERS.substring(i, i + 1))
        .collect(java.util.stream.Collectors.joining());
  }

  private String phrase(int length) {
    var text = new StringBuilder();
    while (text.length() < length) {
      text.append(letters(1 + random.nextInt(4)))
          .append(PUNCTUATION.charAt(random.nextInt(PUNCTUATION.length())));
    }
    return text.append(letters(1)).toString();
  }

  private String key(int lines) {
    var text = new StringBuilder("-----BEGIN PRIVATE KEY-----\n");
    for (int i = 0; i < lines; i++) {
      text.append(letters(64)).append('\n');
    }
    return text.append("-----END PRIVATE KEY-----\n").toString();
  }

  /** What must not be seen when {@code secret} was written in this way. */
  String shown(Way way, String secret) {
    if (way != Way.LINE || !secret.contains("\n")) {
      return secret;
    }
    List<String> lines =
        secret.lines().filter(line -> line.length() >= 8 && !line.startsWith("-----")).toList();
    return lines.get(random.nextInt(lines.size()));
  }

  /** {@code value}, written in this way. */
  String written(Way way, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    return switch (way) {
      case PLAIN, LINE -> value;
      case WRAPPED -> between(value, () -> random.nextInt(6) == 0 ? "\n" : "");
      case COLOURED ->
          between(
              value,
              () ->
                  random.nextInt(4) > 0
                      ? ""
                      : List.of(
                              "\u001b[0m",
                              "\u001b[1;31m",
                              "\u001b[2K",
                              "\u001b]0;t\u0007",
                              "\u200b")
                          .get(random.nextInt(5)));
      case BASE64 -> Base64.getEncoder().encodeToString(surrounded(bytes));
      case BASE64_URL -> Base64.getUrlEncoder().encodeToString(surrounded(bytes));
      case BASE64_BARE -> Base64.getEncoder().withoutPadding().encodeToString(surrounded(bytes));
      case BASE64_WRAPPED ->
          Base64.getMimeEncoder(
                  4 * (1 + random.nextInt(19)),
                  (random.nextBoolean() ? "\n" : "\r\n").getBytes(StandardCharsets.UTF_8))
              .encodeToString(surrounded(bytes));
      case HEX -> HexFormat.of().formatHex(bytes);
      case HEX_UPPER -> HexFormat.of().withUpperCase().formatHex(bytes);
      case HEX_SEPARATED ->
          HexFormat.ofDelimiter(List.of(":", " ", "-", ", ", ", 0x").get(random.nextInt(5)))
              .formatHex(bytes);
      case HEX_WRAPPED -> HexFormat.of().formatHex(bytes).replaceAll("(.{60})", "$1\n");
      case URL_ALL -> HexFormat.of().withUpperCase().withPrefix("%").formatHex(bytes);
      case URL_FORM -> java.net.URLEncoder.encode(value, StandardCharsets.UTF_8);
      case URL_SMALL ->
          lowerEscapes(
              java.net.URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20"));
      case JSON -> json(value, false);
      case JSON_ASCII -> json(value, true);
      case JSON_TWICE -> json(json(value, false), false);
      case SHELL_QUOTED ->
          "'" + value.replace("'", random.nextBoolean() ? "'\\''" : "'\"'\"'") + "'";
      case SHELL_DOLLAR -> dollar(bytes);
      case SHELL_BACKSLASH ->
          // A newline cannot be written so; the shell's %q uses the form above for it.
          value.contains("\n") ? dollar(bytes) : value.replaceAll("([^A-Za-z0-9_./:é-])", "\\\\$1");
      case XML_NAMED ->
          value
              .replace("&", "&amp;")
              .replace("<", "&lt;")
              .replace(">", "&gt;")
              .replace("\"", "&quot;")
              .replace("'", random.nextBoolean() ? "&apos;" : "&#39;");
      case XML_DECIMAL -> entities(value, "&#%d;");
      case XML_HEX -> entities(value, random.nextBoolean() ? "&#x%x;" : "&#x%04X;");
    };
  }

  private static String lowerEscapes(String url) {
    return java.util.regex.Pattern.compile("%..")
        .matcher(url)
        .replaceAll(escape -> escape.group().toLowerCase(Locale.ROOT));
  }

  /** With bytes before and behind, so that it falls on any alignment. */
  private byte[] surrounded(byte[] bytes) {
    byte[] before = letters(random.nextInt(7)).getBytes(StandardCharsets.UTF_8);
    byte[] behind = letters(random.nextInt(7)).getBytes(StandardCharsets.UTF_8);
    byte[] all = java.util.Arrays.copyOf(before, before.length + bytes.length + behind.length);
    System.arraycopy(bytes, 0, all, before.length, bytes.length);
    System.arraycopy(behind, 0, all, before.length + bytes.length, behind.length);
    return all;
  }

  private static String between(String value, java.util.function.Supplier<String> what) {
    var text = new StringBuilder(value.substring(0, 1));
    for (int i = 1; i < value.length(); i++) {
      text.append(what.get()).append(value.charAt(i));
    }
    return text.toString();
  }

  private String json(String value, boolean all) {
    boolean slash = random.nextBoolean();
    var text = new StringBuilder();
    for (char c : value.toCharArray()) {
      if (all && (c > 0x7e || !Character.isLetterOrDigit(c) || random.nextInt(5) == 0)) {
        text.append(String.format(random.nextBoolean() ? "\\u%04x" : "\\u%04X", (int) c));
      } else {
        switch (c) {
          case '"' -> text.append("\\\"");
          case '\\' -> text.append("\\\\");
          case '\n' -> text.append("\\n");
          case '/' -> text.append(slash ? "\\/" : "/");
          default -> text.append(c);
        }
      }
    }
    return text.toString();
  }

  private static String dollar(byte[] bytes) {
    var text = new StringBuilder("$'");
    for (byte b : bytes) {
      switch (b) {
        case '\n' -> text.append("\\n");
        case '\'' -> text.append("\\'");
        case '\\' -> text.append("\\\\");
        default -> {
          if (b < 0) {
            text.append(String.format("\\%03o", b & 0xff));
          } else {
            text.append((char) b);
          }
        }
      }
    }
    return text.append('\'').toString();
  }

  private static String entities(String value, String form) {
    var text = new StringBuilder();
    value.codePoints().forEach(c -> text.append(String.format(form, c)));
    return text.toString();
  }

  /** Lines like those of a build. */
  String noise(int lines) {
    var text = new StringBuilder();
    for (int i = 0; i < lines; i++) {
      text.append(
          switch (random.nextInt(6)) {
            case 0 -> "[INFO] Compiling " + random.nextInt(300) + " source files to target/classes";
            case 1 ->
                "\u001b[32mok\u001b[0m  pkg/" + letters(6) + "  0." + random.nextInt(999) + "s";
            case 2 -> "{\"id\":\"" + letters(12) + "\",\"path\":\"a\\/b\",\"n\":" + i + "}";
            case 3 ->
                "sha256:" + HexFormat.of().formatHex(letters(16).getBytes(StandardCharsets.UTF_8));
            case 4 -> "GET /x?q=" + letters(3) + "%20" + letters(3) + "&amp;y='1' 200";
            default -> "  at dev.example." + letters(5) + "(" + letters(4) + ".java:" + i + ")";
          });
      text.append('\n');
    }
    return text.toString();
  }

  /** {@code bytes} in pieces of random length, many of them of one byte. */
  List<byte[]> pieces(byte[] bytes) {
    var pieces = new ArrayList<byte[]>();
    int most = random.nextInt(3) == 0 ? 1 : 1 + random.nextInt(200);
    int at = 0;
    while (at < bytes.length) {
      int length = Math.min(1 + random.nextInt(most), bytes.length - at);
      pieces.add(java.util.Arrays.copyOfRange(bytes, at, at + length));
      at += length;
    }
    return pieces;
  }
}
