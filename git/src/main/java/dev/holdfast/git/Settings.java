package dev.holdfast.git;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;

/**
 * What git is told besides its command. It is given on the command line, which wins over what a
 * repository itself says, so that no repository can make git run a program: no hooks, no filters,
 * no helpers, no submodules, no other protocols.
 */
final class Settings {
  static final List<String> ALWAYS =
      List.of(
          "core.hooksPath=/dev/null",
          "core.fsmonitor=false",
          "core.attributesFile=/dev/null",
          "core.excludesFile=/dev/null",
          "core.askPass=",
          "core.gitProxy=",
          "core.protectHFS=true",
          "core.protectNTFS=true",
          "core.alternateRefsCommand=",
          "credential.helper=",
          "diff.external=",
          "submodule.recurse=false",
          "fetch.recurseSubmodules=false",
          "fetch.fsckObjects=true",
          "transfer.bundleURI=false",
          "gc.auto=0",
          "maintenance.auto=false",
          "advice.detachedHead=false",
          "protocol.ext.allow=never",
          // A repository on this host may belong to another user, such as the one pushes come as.
          "safe.directory=*",
          "http.followRedirects=initial",
          "http.lowSpeedLimit=1000",
          "http.lowSpeedTime=30");

  /**
   * What is wrong in the history of many a repository, and harms nobody: people, dates and modes in
   * forms that git does not write any more. What {@code fetch.fsckObjects} finds in trees and
   * {@code .gitmodules} stays refused.
   */
  private static final List<String> OLD_HISTORY =
      List.of(
          "badTimezone",
          "badDate",
          "badDateOverflow",
          "zeroPaddedDate",
          "missingSpaceBeforeDate",
          "missingSpaceBeforeEmail",
          "missingNameBeforeEmail",
          "missingEmail",
          "badEmail",
          "badName",
          "missingTaggerEntry",
          "zeroPaddedFilemode",
          "badFilemode");

  /** Not on the command line, because git hides that from the upload-pack it starts itself. */
  private static final String FILE =
      "[safe]\n\tdirectory = *\n[uploadpack]\n\tallowAnySHA1InWant = true\n";

  private Settings() {}

  /** That {@link #OLD_HISTORY} be ignored, each with {@code prefix} in front. */
  static List<String> harmless(String prefix) {
    return OLD_HISTORY.stream().map(id -> prefix + id + "=ignore").toList();
  }

  /** Writes the settings file of {@code home}, if it does not stand there. */
  static void write(Path home) throws IOException {
    Files.createDirectories(home);
    Path file = home.resolve("gitconfig");
    if (!Files.exists(file) || !Files.readString(file).equals(FILE)) {
      Path fresh = Files.createTempFile(home, "gitconfig", ".new");
      Files.writeString(fresh, FILE);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Makes {@code env} one from scratch, but for the search path and the agent of ssh. */
  static void environment(Map<String, String> env, Path home, String protocols) {
    String path = env.getOrDefault("PATH", "/usr/bin:/bin");
    String sshAgent = env.get("SSH_AUTH_SOCK");
    env.clear();
    env.put("PATH", path);
    env.put("HOME", home.toString());
    env.put("LC_ALL", "C");
    env.put("GIT_CONFIG_NOSYSTEM", "1");
    env.put("GIT_ATTR_NOSYSTEM", "1");
    env.put("GIT_CONFIG_GLOBAL", home.resolve("gitconfig").toString());
    env.put("GIT_TERMINAL_PROMPT", "0");
    env.put("GIT_OPTIONAL_LOCKS", "0");
    env.put("GIT_NO_REPLACE_OBJECTS", "1");
    // A repository may name a remote, and a program there, for objects that it lacks.
    env.put("GIT_NO_LAZY_FETCH", "1");
    env.put("GIT_ALLOW_PROTOCOL", protocols);
    env.put("GIT_PROTOCOL_FROM_USER", "0");
    env.put("GIT_SSH_COMMAND", "ssh -oBatchMode=yes -oConnectTimeout=20");
    if (sshAgent != null) {
      env.put("SSH_AUTH_SOCK", sshAgent);
    }
  }
}
