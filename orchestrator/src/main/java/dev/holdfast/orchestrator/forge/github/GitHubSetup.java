package dev.holdfast.orchestrator.forge.github;

import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Quote;
import dev.holdfast.orchestrator.forge.Calls;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.repository.Repository;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds what is asked for when a repository of a GitHub is added. */
public final class GitHubSetup {
  private static final Pattern FULL_NAME =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]{0,99}/[A-Za-z0-9._-]{1,100}");

  private GitHubSetup() {}

  /**
   * Where a repository is now; its number stays when its name changes.
   *
   * @param fullName as {@code owner/name}
   * @throws ForgeUnavailable if it cannot be worked for, with the mend
   */
  public static Repository.Location.AtForge find(
      Calls calls, Repository.Host host, String fullName, Optional<String> token)
      throws ForgeUnavailable {
    if (!FULL_NAME.matcher(fullName).matches()) {
      throw new ForgeUnavailable("give the repository as OWNER/NAME");
    }
    Calls.Answer answer =
        calls.call(
            "GET",
            URI.create(host.api() + "/repos/" + fullName),
            token,
            Optional.empty(),
            "application/vnd.github+json");
    return switch (answer) {
      case Calls.Answer.Good(var body) -> {
        try {
          Fields there = Fields.of(body);
          URI git = URI.create(there.text("clone_url"));
          if (git.getUserInfo() != null || !ofForge(git, host.api())) {
            throw new ForgeUnavailable(
                host.name()
                    + " says that git finds it elsewhere, at "
                    + Quote.of(git.toString())
                    + "; the token would go there too, so it is not added");
          }
          yield new Repository.Location.AtForge(host, there.id("id"), git);
        } catch (MalformedJson | IllegalArgumentException e) {
          throw new ForgeUnavailable(
              host.api() + " does not answer as GitHub does: " + e.getMessage(), e);
        }
      }
      case Calls.Answer.Missing() ->
          throw new ForgeUnavailable(
              host.name()
                  + " has no repository "
                  + fullName
                  + ", or the token may not see it; give one that may read it");
      case Calls.Answer.Failed(var why, var after) ->
          throw new ForgeUnavailable(host.name() + ": " + why);
    };
  }

  /** GitHub's own API has a host of its own; everybody else's shares one with git. */
  private static boolean ofForge(URI git, URI api) {
    return Repository.Host.safe(git)
        && git.getPort() == api.getPort()
        && (api.getHost().equals(git.getHost()) || api.getHost().equals("api." + git.getHost()));
  }
}
