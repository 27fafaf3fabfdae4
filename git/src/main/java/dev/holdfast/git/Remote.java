package dev.holdfast.git;

import dev.holdfast.model.json.Quote;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Set;

/** Where git fetches from; each kind may use its own protocols and no others. */
public sealed interface Remote {
  /** As git is given it. */
  String url();

  /** The protocols that git may use for it, in the form of {@code GIT_ALLOW_PROTOCOL}. */
  String protocols();

  /**
   * Parses what an operator wrote: an absolute path, or an {@code https}, {@code http} or {@code
   * ssh} URL.
   *
   * @throws IllegalArgumentException for anything else, among it git's {@code ext::} helpers, and
   *     for a URL that holds a password
   */
  static Remote of(String text) {
    if (text.startsWith("/")) {
      return new Folder(Path.of(text));
    }
    try {
      return new Server(new URI(text));
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          Quote.of(text) + " is neither an absolute path nor a URL", e);
    }
  }

  /** A repository on this host. */
  record Folder(Path path) implements Remote {
    public Folder {
      if (!path.isAbsolute()) {
        throw new IllegalArgumentException(path + " is not an absolute path");
      }
    }

    @Override
    public String url() {
      return path.toString();
    }

    @Override
    public String protocols() {
      return "file";
    }
  }

  /** A repository on some server. */
  record Server(URI uri) implements Remote {
    private static final Set<String> SCHEMES = Set.of("https", "http", "ssh");

    public Server {
      String scheme = uri.getScheme();
      String host = uri.getHost();
      if (scheme == null || !SCHEMES.contains(scheme) || host == null || host.startsWith("-")) {
        throw new IllegalArgumentException(
            Quote.of(uri.toString())
                + " is not a repository that can be fetched; write an absolute path, or an https,"
                + " http or ssh URL");
      }
      if (uri.getUserInfo() != null && uri.getUserInfo().contains(":")) {
        throw new IllegalArgumentException(
            "the URL of a repository on " + host + " holds a password; leave it out");
      }
    }

    @Override
    public String url() {
      return uri.toString();
    }

    @Override
    public String protocols() {
      return uri.getScheme();
    }
  }
}
