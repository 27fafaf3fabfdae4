package dev.holdfast.agent;

import dev.holdfast.agent.mask.Masker;
import dev.holdfast.model.wire.agent.AgentApi.Source;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an agent itself knows that no log may show, whatever went wrong. */
final class OwnCredentials {
  /** What stands before the host in a URL: a name, and behind a colon a password or token. */
  private static final Pattern USER = Pattern.compile("^[a-z+]+://([^/@:]*)(?::([^/@]*))?@");

  private OwnCredentials() {}

  /** Its token, and what the URL of a job's source carries. */
  static List<byte[]> of(AgentConfig config, Source source) {
    var own = new ArrayList<byte[]>();
    own.add(config.token().getBytes(StandardCharsets.UTF_8));
    Matcher user = USER.matcher(source.url());
    if (user.find()) {
      // A token may stand alone, where the name would. Names that are too short are no tokens.
      String word = plain(user.group(2) == null ? user.group(1) : user.group(2));
      own.add(word.getBytes(StandardCharsets.UTF_8));
    }
    own.removeIf(word -> word.length < Masker.SHORTEST);
    return own;
  }

  private static String plain(String word) {
    try {
      return URLDecoder.decode(word.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      // No escapes then: as it stands.
      return word;
    }
  }
}
