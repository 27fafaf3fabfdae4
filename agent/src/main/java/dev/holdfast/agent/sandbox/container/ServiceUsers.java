package dev.holdfast.agent.sandbox.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.SandboxRefused;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.model.json.Quote;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who the program of an image is, by numbers: what it writes must be its own, and directories in
 * memory are given to numbers. Thread-safe.
 */
final class ServiceUsers {
  private static final String NUMBER = "[0-9]{1,9}";

  /** What an image's own files of users say, by the image. */
  private final Map<String, Names> known = new ConcurrentHashMap<>();

  private final DockerClient docker;
  private final Map<String, String> labels;

  /** The lines of {@code /etc/passwd} and {@code /etc/group}, cut at colons. */
  private record Names(List<List<String>> users, List<List<String>> groups) {}

  /**
   * @param labels for a container that is made to read its files, and never started
   */
  ServiceUsers(DockerClient docker, Map<String, String> labels) {
    this.docker = docker;
    this.labels = labels;
  }

  /**
   * The user that the image says; {@code job} where it says none, or root and that is not allowed.
   *
   * @param job who steps are
   */
  HostUser of(Images.Image image, HostUser job, boolean mayBeRoot)
      throws SandboxRefused, SandboxUnavailable {
    if (image.user().isEmpty()) {
      return job;
    }
    String[] parts = image.user().split(":", 2);
    HostUser said = numbers(image, parts[0], parts.length < 2 ? "" : parts[1]);
    return said.isRoot() && !mayBeRoot ? job : said;
  }

  private HostUser numbers(Images.Image image, String user, String group)
      throws SandboxRefused, SandboxUnavailable {
    if (user.matches(NUMBER) && group.matches(NUMBER)) {
      return new HostUser(Integer.parseInt(user), Integer.parseInt(group));
    }
    if (user.equals("root") && group.isEmpty()) {
      return new HostUser(0, 0);
    }
    Names names = names(image);
    Optional<List<String>> line = find(names.users(), user, user.matches(NUMBER) ? 2 : 0, 4);
    if (line.isEmpty() && !user.matches(NUMBER)) {
      throw unknown(image, "user " + Quote.of(user), "/etc/passwd");
    }
    int uid = Integer.parseInt(line.map(fields -> fields.get(2)).orElse(user));
    if (group.isEmpty()) {
      // As engines do where the image's own file does not know the number.
      return new HostUser(uid, Integer.parseInt(line.map(fields -> fields.get(3)).orElse("0")));
    }
    if (group.matches(NUMBER)) {
      return new HostUser(uid, Integer.parseInt(group));
    }
    List<String> found =
        find(names.groups(), group, 0, 3)
            .orElseThrow(() -> unknown(image, "group " + Quote.of(group), "/etc/group"));
    return new HostUser(uid, Integer.parseInt(found.get(2)));
  }

  private static Optional<List<String>> find(
      List<List<String>> lines, String wanted, int field, int least) {
    return lines.stream()
        .filter(line -> line.size() >= least && line.get(field).equals(wanted))
        .filter(line -> line.subList(2, least).stream().allMatch(number -> number.matches(NUMBER)))
        .findFirst();
  }

  private static SandboxRefused unknown(Images.Image image, String who, String file) {
    return new SandboxRefused(
        "the image "
            + image.pin()
            + " of a service wants to be the "
            + who
            + ", whom its "
            + file
            + " does not name; give the image a USER by numbers, as 1000:1000");
  }

  private Names names(Images.Image image) throws SandboxUnavailable {
    Names seen = known.get(image.id());
    if (seen != null) {
      return seen;
    }
    String made = "";
    try {
      made =
          docker
              .createContainerCmd(image.id())
              .withLabels(labels)
              .withEntrypoint("/never-started")
              .exec()
              .getId();
      var names = new Names(lines(made, "/etc/passwd"), lines(made, "/etc/group"));
      known.put(image.id(), names);
      return names;
    } catch (IOException | RuntimeException e) {
      throw new SandboxUnavailable(
          "cannot read the users of the image " + image.pin() + ": " + Failures.line(e), e);
    } finally {
      if (!made.isEmpty()) {
        ContainerSandbox.remove(docker, made);
      }
    }
  }

  private List<List<String>> lines(String container, String path) throws IOException {
    try (InputStream tar = docker.copyArchiveFromContainerCmd(container, path).exec()) {
      return new String(OneFile.of(tar), StandardCharsets.UTF_8)
          .lines()
          .map(line -> List.of(line.split(":", -1)))
          .toList();
    } catch (NotFoundException e) {
      // An image without the file names nobody.
      return List.of();
    }
  }
}
