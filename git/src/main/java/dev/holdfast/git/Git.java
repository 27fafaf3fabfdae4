package dev.holdfast.git;

import dev.holdfast.model.event.CommitId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that Holdfast asks of git. Names that others chose reach git only as full refs ({@code
 * refs/…}) behind {@code --end-of-options}, never as options; commits only as full hashes. Output
 * and time are bounded. Thread-safe; two fetches into one mirror do not harm each other, since each
 * writes its own ref.
 */
public final class Git {
  private static final byte[] NOTHING = {};

  /** Who only asks a remote needs no repository here, and takes no settings from one around. */
  private static final String NOWHERE = "--git-dir=/dev/null";

  private static final int SMALL = 64 * 1024;
  private static final int LIST = 64 * 1024 * 1024;

  private final GitProcess process;

  /**
   * @param home a folder for git's own settings; made if it is not there
   * @param timeout for each call
   */
  public Git(Path home, Duration timeout) throws IOException {
    Settings.write(home);
    this(new GitProcess(home, timeout));
  }

  Git(GitProcess process) {
    this.process = process;
  }

  /**
   * The same, which shows {@code token} to {@code server} and to nobody else: it stands in the
   * environment, never among arguments or in a file, and no redirect is followed.
   *
   * @throws IllegalArgumentException if {@code server} is not spoken to over HTTP
   */
  public Git with(String token, Remote.Server server) {
    return showing(
        "Basic "
            + Base64.getEncoder()
                .encodeToString(("x-access-token:" + token).getBytes(StandardCharsets.UTF_8)),
        server);
  }

  /** As {@link #with}, where the server takes it as a bearer's. */
  public Git withBearer(String token, Remote.Server server) {
    return showing("Bearer " + token, server);
  }

  private Git showing(String authorization, Remote.Server server) {
    var uri = server.uri();
    if (!"https".equals(uri.getScheme()) && !"http".equals(uri.getScheme())) {
      throw new IllegalArgumentException("a token goes with https only, not with " + server.url());
    }
    return new Git(
        process.with(
            Map.of(
                "GIT_CONFIG_COUNT",
                "2",
                "GIT_CONFIG_KEY_0",
                "http." + uri.getScheme() + "://" + uri.getAuthority() + "/.extraHeader",
                "GIT_CONFIG_VALUE_0",
                "Authorization: " + authorization,
                "GIT_CONFIG_KEY_1",
                "http.followRedirects",
                "GIT_CONFIG_VALUE_1",
                "false")));
  }

  /** Makes {@code mirror} a bare repository, if it is none yet. */
  public void initMirror(Path mirror) throws GitFailed {
    // The last that git makes; where only a part is there, making it again completes it.
    if (Files.exists(mirror.resolve("objects/info"))) {
      return;
    }
    try {
      Files.createDirectories(mirror);
    } catch (IOException e) {
      throw new GitFailed("cannot make the mirror " + mirror + ": " + e.getMessage(), e);
    }
    run("make the mirror " + mirror, mirror, "", "init", "-q", "--bare", "--template=", ".");
  }

  /**
   * Brings {@code commit} into {@code mirror}, and keeps it there by a ref of its own.
   *
   * @param ref full name of a ref that holds it, for servers that give commits only by ref
   * @throws GitGone if {@code from} answers and does not have it
   */
  public void fetch(Path mirror, Remote from, String ref, CommitId commit) throws GitFailed {
    String doing = "fetch " + commit.abbreviated() + " from " + from.url();
    String kept = "refs/holdfast/" + refuseSha256(commit, doing);
    if (Files.exists(mirror.resolve(kept))) {
      return;
    }
    try {
      fetchOne(doing, mirror, from, "+" + commit + ":" + kept);
    } catch (GitGone byCommit) {
      if (!(from instanceof Remote.Server)) {
        throw byCommit;
      }
      fetchOne(doing, mirror, from, checkedRef(ref));
      run(doing, mirror, "", "update-ref", kept, commit.value());
    }
  }

  private void fetchOne(String doing, Path mirror, Remote from, String refspec) throws GitFailed {
    var command = new ArrayList<String>();
    for (String setting : Settings.harmless("fetch.fsck.")) {
      command.add("-c");
      command.add(setting);
    }
    command.addAll(
        List.of(
            "--git-dir=.",
            "fetch",
            "-q",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-auto-maintenance",
            "--end-of-options",
            from.url(),
            refspec));
    process.run(doing, mirror, from.protocols(), NOTHING, SMALL, List.of(), command);
  }

  /** What {@code mirror} gives of {@code commit}, which {@link #fetch} brought into it. */
  public Upload upload(Path mirror, CommitId commit) {
    return new Upload(process, mirror, commit);
  }

  /**
   * Writes the tree of {@code commit} into the empty or absent folder {@code target}, with a {@code
   * .git} that holds this one commit and nothing else: no remote, no hooks, no credential, no link
   * to the mirror. Links in the tree are written as links and never followed; submodules stay empty
   * folders; no filter runs.
   */
  public void checkout(Path mirror, CommitId commit, Path target) throws GitFailed {
    new Checkout(process, commit, target).from(mirror, true);
  }

  /**
   * As {@link #checkout}, from a repository of others on this host, bare or not, without a mirror:
   * what a fetch would have checked is checked here.
   *
   * @throws GitGone if it does not have the commit
   */
  public void checkoutFrom(Remote.Folder from, CommitId commit, Path target) throws GitFailed {
    Path inner = from.path().resolve(".git");
    Path gitDir = present(Files.isDirectory(inner) ? inner : from.path());
    new Checkout(process, commit, target).from(gitDir, false);
  }

  /** The branches and tags of a remote, by full name; annotated tags as the commit they name. */
  public Map<String, CommitId> refs(Remote from, Path directory) throws GitFailed {
    String out =
        process
            .run(
                "list the refs of " + from.url(),
                directory,
                from.protocols(),
                NOTHING,
                LIST,
                List.of(),
                List.of(
                    NOWHERE,
                    "ls-remote",
                    "-q",
                    "--end-of-options",
                    from.url(),
                    "refs/heads/*",
                    "refs/tags/*"))
            .text();
    var refs = new LinkedHashMap<String, CommitId>();
    for (String line : out.split("\n", -1)) {
      int tab = line.indexOf('\t');
      if (tab > 0) {
        String name = line.substring(tab + 1);
        // "tag^{}" comes right behind "tag" and is the commit that an annotated tag names.
        String plain = name.endsWith("^{}") ? name.substring(0, name.length() - 3) : name;
        refs.put(plain, new CommitId(line.substring(0, tab)));
      }
    }
    return refs;
  }

  /** The commit at a full ref of a repository on this host; empty if it has no such ref. */
  public Optional<CommitId> resolve(Path repository, String ref) throws GitFailed {
    var result =
        process.run(
            "find " + ref + " in " + repository,
            present(repository),
            "",
            NOTHING,
            SMALL,
            List.of(1),
            List.of(
                "--git-dir=.",
                "rev-parse",
                "-q",
                "--verify",
                "--end-of-options",
                checkedRef(ref) + "^{commit}"));
    return result.exit() == 0 ? Optional.of(new CommitId(result.text().strip())) : Optional.empty();
  }

  /**
   * The full ref that {@code HEAD} of a remote names.
   *
   * @param directory a repository on this host
   */
  public String defaultBranch(Remote from, Path directory) throws GitFailed {
    String out =
        run(
            "find the default branch of " + from.url(),
            directory,
            from.protocols(),
            NOWHERE,
            "ls-remote",
            "-q",
            "--symref",
            "--end-of-options",
            from.url(),
            "HEAD");
    if (!out.startsWith("ref: refs/") || out.indexOf('\t') < 0) {
      throw new GitFailed("the remote " + from.url() + " names no default branch");
    }
    return out.substring("ref: ".length(), out.indexOf('\t'));
  }

  /** The full ref that {@code HEAD} of a repository on this host names, born or not. */
  public String defaultBranch(Path repository) throws GitFailed {
    return run(
            "find the default branch of " + repository,
            present(repository),
            "",
            "--git-dir=.",
            "symbolic-ref",
            "-q",
            "HEAD")
        .strip();
  }

  /**
   * The plain files directly in {@code folder} at {@code commit}; links, folders and submodules are
   * left out. Empty if there is no such folder.
   *
   * @param most bytes of all together
   * @throws GitTooLarge if there are more, or far too many files
   * @throws GitGone if the repository has no such commit
   */
  public Map<String, byte[]> readFolder(Path repository, CommitId commit, String folder, int most)
      throws GitFailed {
    String doing = "read " + folder + " of " + commit.abbreviated() + " in " + repository;
    return process.converse(
        doing,
        present(repository),
        (in, out) -> new FolderReader(in, out, doing).read(commit, folder, most),
        List.of("--git-dir=.", "cat-file", "--batch"));
  }

  /**
   * What the author of {@code commit} wrote of it: at most {@code most} bytes, taken for UTF-8,
   * from the beginning.
   *
   * @return empty if what stands before it is longer than any that git writes
   * @throws GitGone if the repository has no such commit
   */
  public Optional<String> message(Path repository, CommitId commit, int most) throws GitFailed {
    String doing = "read what " + commit.abbreviated() + " says in " + repository;
    return process.converse(
        doing,
        present(repository),
        (in, out) -> new CommitReader(in, out, doing).message(commit, most),
        List.of("--git-dir=.", "cat-file", "--batch"));
  }

  /**
   * The paths that differ between two commits.
   *
   * @return empty if there are more than {@code most}, or {@code before} is not there any more
   */
  public Optional<List<String>> changedFiles(
      Path repository, CommitId before, CommitId after, int most) throws GitFailed {
    var result =
        process.run(
            "compare " + before.abbreviated() + " and " + after.abbreviated() + " in " + repository,
            present(repository),
            "",
            NOTHING,
            LIST,
            List.of(128),
            List.of(
                "--git-dir=.",
                "diff-tree",
                "-r",
                "-z",
                "--name-only",
                "--no-renames",
                "--no-ext-diff",
                "--no-textconv",
                "--end-of-options",
                before.value(),
                after.value()));
    if (result.exit() != 0) {
      return Optional.empty();
    }
    List<String> paths =
        List.of(result.text().split("\0", -1)).stream().filter(p -> !p.isEmpty()).toList();
    return paths.size() > most ? Optional.empty() : Optional.of(paths);
  }

  /** Whether {@code older} is {@code newer} or comes before it; false if it is not there. */
  public boolean isAncestor(Path repository, CommitId older, CommitId newer) throws GitFailed {
    return process
            .run(
                "compare " + older.abbreviated() + " and " + newer.abbreviated(),
                present(repository),
                "",
                NOTHING,
                SMALL,
                List.of(1, 128),
                List.of("--git-dir=.", "merge-base", "--is-ancestor", older.value(), newer.value()))
            .exit()
        == 0;
  }

  private String run(String doing, Path directory, String protocols, String... arguments)
      throws GitFailed {
    return process
        .run(doing, directory, protocols, NOTHING, SMALL, List.of(), List.of(arguments))
        .text();
  }

  /** A repository that vanished gets a line of its own, instead of one about a working folder. */
  private static Path present(Path repository) throws GitFailed {
    if (!Files.isRegularFile(repository.resolve("HEAD"))) {
      throw new GitFailed(
          "there is no repository at "
              + repository
              + " any more; put it back, or remove it with `holdfast repo remove`");
    }
    return repository;
  }

  static CommitId refuseSha256(CommitId commit, String doing) throws GitFailed {
    if (commit.value().length() != 40) {
      throw new GitFailed(
          "cannot "
              + doing
              + ": repositories with SHA-256 object names are not supported yet; convert it to SHA-1");
    }
    return commit;
  }

  private static String checkedRef(String ref) {
    if (!ref.startsWith("refs/")) {
      throw new IllegalArgumentException("a ref that does not start with refs/");
    }
    return ref;
  }
}
