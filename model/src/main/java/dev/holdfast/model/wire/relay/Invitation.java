package dev.holdfast.model.wire.relay;

import dev.holdfast.model.json.Quote;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The one line that an operator of a relay hands to a tenant: {@code https://relay.example.org#}
 * and a token. Once a tenant enrolled with it, it is good for nothing.
 *
 * @param url of the relay's API for tenants, without a slash at its end
 */
public record Invitation(String url, String token) {
  private static final Pattern URL =
      Pattern.compile("https?://[A-Za-z0-9.:\\[\\]_-]+(/[A-Za-z0-9._/-]*)?");
  private static final Pattern LINE =
      Pattern.compile("([^#]+)#(" + RelayApi.TOKEN + "[A-Za-z0-9_-]{43})");

  public Invitation {
    if (!URL.matcher(url).matches() || url.endsWith("/")) {
      throw new IllegalArgumentException(
          Quote.of(url) + " is not a relay's address, as https://relay.example.org");
    }
  }

  public static Invitation of(String line) {
    Matcher parts = LINE.matcher(line.strip());
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "that is no invitation; it is a relay's address, # and a token that starts with "
              + RelayApi.TOKEN);
    }
    return new Invitation(parts.group(1), parts.group(2));
  }

  /** The line. */
  public String line() {
    return url + "#" + token;
  }

  @Override
  public String toString() {
    return "an invitation to " + url;
  }
}
