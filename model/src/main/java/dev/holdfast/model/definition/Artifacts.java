package dev.holdfast.model.definition;

import java.util.List;
import java.util.Optional;

/**
 * Files that a job gives to later jobs of its run and to people, and those that it is given.
 *
 * @param upload after the last step
 * @param download before the first step
 */
public record Artifacts(List<Upload> upload, List<Download> download) {
  /** Of each kind, of one job. */
  public static final int MOST = 20;

  private static final int MOST_PATHS = 50;

  public Artifacts {
    Texts.count("uploads of a job", upload.size(), MOST);
    Texts.count("downloads of a job", download.size(), MOST);
    upload = List.copyOf(upload);
    download = List.copyOf(download);
  }

  /**
   * Keeps files of the workspace under a name.
   *
   * @param paths patterns as in {@link Glob#allows}, of files below the workspace; a folder's name
   *     with a slash at its end is all of it
   * @param when on what outcome of the steps; where absent, on success
   */
  public record Upload(Name name, List<String> paths, Optional<When> when) {
    public Upload {
      if (paths.isEmpty()) {
        throw new IllegalArgumentException(
            "the artifact " + name + " has no paths; say which files it is made of");
      }
      Texts.count("paths of artifact " + name, paths.size(), MOST_PATHS);
      Glob.check(paths);
      paths.forEach(path -> Texts.kept(path.replaceFirst("^!", "").replaceFirst("/$", ""), false));
      paths = List.copyOf(paths);
    }
  }

  /**
   * Puts files that a needed job uploaded into the workspace.
   *
   * @param from the job; where absent, the one of the needed jobs that uploads this name. A job
   *     with a matrix gives what each of its combinations uploaded, in the order of the plan
   * @param into a folder below the workspace; where absent, the workspace
   */
  public record Download(Name name, Optional<Name> from, Optional<String> into) {
    public Download {
      into = into.map(path -> Texts.kept(path, false));
    }
  }
}
