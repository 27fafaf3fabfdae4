package dev.holdfast.sdk;

import java.util.List;
import java.util.Optional;

/** What a job gives to later jobs of its run, or is given. */
public final class Artifact {
  private Artifact() {}

  /**
   * Files that are kept under a name. Made by {@link Job#upload}.
   *
   * @param paths patterns of files below the workspace
   * @param when on what outcome of the steps
   * @param place where it was written
   */
  public record Upload(String name, List<String> paths, Optional<When> when, Place place) {}

  /**
   * Files that a needed job uploaded. Made by {@link Job#download}.
   *
   * @param from the job; where absent, the one of the needed that uploads the name
   * @param into a folder below the workspace; where absent, the workspace
   * @param place where it was written
   */
  public record Download(String name, Optional<String> from, Optional<String> into, Place place) {
    /** As the job {@code job} uploaded it. */
    public Download from(Job job) {
      return from(Given.notNull("the job", job).parts().name());
    }

    /** As the job of this name uploaded it. */
    public Download from(String job) {
      return new Download(name, Optional.of(Given.notNull("the job", job)), into, place);
    }

    /** Into this folder below the workspace. */
    public Download into(String folder) {
      return new Download(name, from, Optional.of(Given.notNull("the folder", folder)), place);
    }
  }
}
