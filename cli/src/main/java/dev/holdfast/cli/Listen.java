package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.model.json.Quote;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An address to listen at.
 *
 * @param port 0 is any free one
 */
record Listen(String host, int port) {
  private static final Pattern FORM =
      Pattern.compile("(?:(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9.-]+):)?([0-9]{1,5})");

  /**
   * As {@code 127.0.0.1:7878}, {@code [::1]:7878} or {@code 7878}, which is on loopback.
   *
   * @throws Refusal if it is none
   */
  static Listen of(String text) {
    return of("--listen", text);
  }

  /** As {@link #of(String)}, of another option. */
  static Listen of(String option, String text) {
    Matcher matcher = FORM.matcher(text);
    if (matcher.matches()) {
      int port = Integer.parseInt(matcher.group(2));
      if (port <= 65535) {
        String host = matcher.group(1) == null ? "127.0.0.1" : matcher.group(1);
        return new Listen(host.replaceAll("[\\[\\]]", ""), port);
      }
    }
    throw new Refusal(
        ExitCode.USAGE,
        option + ": " + Quote.of(text) + " is not an address; write HOST:PORT, as 127.0.0.1:7878");
  }
}
