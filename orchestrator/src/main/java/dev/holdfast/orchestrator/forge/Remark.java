package dev.holdfast.orchestrator.forge;

import dev.holdfast.model.json.Json;
import java.time.Instant;

/**
 * Something that Holdfast says in the thread of a pull request.
 *
 * @param key what it is known by: it is said once, however often it is asked for
 * @param since nothing with this key was said before then
 * @param text plain text; what could command, mention or format is taken out of it
 */
public record Remark(long pullRequest, String key, Instant since, String text) {
  /** Cannot be seen by people; the first line, so that the rest can never be a command to us. */
  String marker() {
    return "<!-- holdfast " + key.replaceAll("[^0-9A-Za-z:_-]", "_") + " -->";
  }

  /** Whether it is one of {@code comments}, as forges answer them: objects with a body each. */
  public boolean isAmong(Json comments) {
    return comments instanceof Json.Arr(var all)
        && all.stream()
            .anyMatch(comment ->
                comment instanceof Json.Obj(var fields)
                    && fields.get("body") instanceof Json.Str(var said)
                    && said.startsWith(marker()));
  }

  /** As it is written. */
  public String body() {
    return marker() + "\n" + plain(text);
  }

  private static String plain(String text) {
    var out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        // No backslash keeps a forge from telling somebody that they were named.
        case '@', '#' -> out.append(c).append('\u200b');
        case '\\', '`', '*', '_', '{', '}', '[', ']', '<', '>', '!', '|', '~', '&' ->
            out.append('\\').append(c);
        default -> out.append(Character.isISOControl(c) ? ' ' : c);
      }
    }
    return out.toString();
  }
}
