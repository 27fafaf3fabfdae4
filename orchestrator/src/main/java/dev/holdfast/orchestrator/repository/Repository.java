package dev.holdfast.orchestrator.repository;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.json.Quote;
import java.net.URI;
import java.util.List;

/**
 * A repository that Holdfast works for.
 *
 * @param id {@code repo_…}, made by Holdfast; never changes, safe as a file name
 * @param name what people call it; unique
 * @param location where git finds it
 */
public record Repository(String id, Name name, Location location) {

  /** The kinds of forges whose webhooks and calls Holdfast speaks. */
  public enum Kind {
    GITHUB,
    /** Forgejo as well. */
    GITEA,
    GITLAB
  }

  /**
   * One forge.
   *
   * @param api where its calls start, as {@code https://api.github.com}; no slash at the end
   */
  public record Host(Kind kind, URI api) {
    public Host {
      if (api.getHost() == null || api.getUserInfo() != null || api.toString().endsWith("/")) {
        throw new IllegalArgumentException(
            "the address of a forge is like https://api.example, without a password and without a"
                + " slash at its end");
      }
      if (!safe(api)) {
        throw new IllegalArgumentException(
            "tokens would travel unencrypted to " + api + "; give an https:// address");
      }
    }

    /** Whether a token may travel there: encrypted, or not off this host. */
    public static boolean safe(URI uri) {
      return "https".equals(uri.getScheme())
          || ("http".equals(uri.getScheme())
              && List.of("127.0.0.1", "[::1]", "localhost").contains(uri.getHost()));
    }

    /** What contributors of this forge are said to come from. */
    public String name() {
      return kind.name().toLowerCase(java.util.Locale.ROOT) + ":" + api.getAuthority();
    }
  }

  /** Where git finds a repository. */
  public sealed interface Location {
    /** What git is given, and what an agent is told. */
    String url();

    /** A bare repository on this host's disk, by absolute path; pushes reach us by its hook. */
    record OnDisk(java.nio.file.Path path) implements Location {
      public OnDisk {
        if (!path.isAbsolute()) {
          throw new IllegalArgumentException(path + " is not an absolute path");
        }
      }

      @Override
      public String url() {
        return path.toString();
      }
    }

    /**
     * One at a forge that tells of what happens by webhooks.
     *
     * @param id the forge's own, which stays when its name changes
     * @param git what git is given; {@code https} or {@code http}, without a password
     */
    record AtForge(Host host, long id, URI git) implements Location {
      /**
       * What a forge answered.
       *
       * @throws IllegalArgumentException if git finds it where a token must not go
       */
      public static AtForge found(Host host, long id, URI git) {
        if (git.getUserInfo() != null || !ofForge(git, host.api())) {
          throw new IllegalArgumentException(
              host.name()
                  + " says that git finds it elsewhere, at "
                  + Quote.of(git.toString())
                  + "; the token would go there too, so it is not added");
        }
        return new AtForge(host, id, git);
      }

      /** GitHub's own API has a host of its own; everybody else's shares one with git. */
      private static boolean ofForge(URI git, URI api) {
        return Host.safe(git)
            && git.getPort() == api.getPort()
            && (api.getHost().equals(git.getHost())
                || api.getHost().equals("api." + git.getHost()));
      }

      @Override
      public String url() {
        return git.toString();
      }
    }

    /** A remote one, polled; {@code https}, {@code http} or {@code ssh}. */
    record Remote(URI uri) implements Location {
      @Override
      public String url() {
        return uri.toString();
      }
    }
  }
}
