package dev.holdfast.model.definition;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * The rules that make caches and artifacts of a workflow's jobs fit together, and who gives what.
 */
public final class KeptFiles {
  private KeptFiles() {}

  static void problems(
      Job job, Map<Name, Job> jobs, String path, BiConsumer<String, String> problem) {
    caches(job, jobs, path, problem);
    var uploads = new HashSet<Name>();
    for (Artifacts.Upload upload : job.uploads()) {
      if (!uploads.add(upload.name())) {
        problem.accept(
            path + ".artifacts",
            "job "
                + job.name()
                + " uploads two artifacts named "
                + upload.name()
                + "; rename one of them");
      }
    }
    for (Artifacts.Download download : job.downloads()) {
      List<Name> givers = givers(job, jobs, download);
      if (givers.size() != 1) {
        problem.accept(path + ".artifacts", whose(job, download, givers));
      }
    }
  }

  /** The needed jobs that upload what {@code download} names. */
  private static List<Name> givers(Job job, Map<Name, Job> jobs, Artifacts.Download download) {
    return job.needs().stream()
        .filter(need -> download.from().isEmpty() || download.from().get().equals(need))
        .filter(need -> {
          Job other = jobs.get(need);
          return other != null && gives(other, download.name());
        })
        .distinct()
        .toList();
  }

  private static boolean gives(Job job, Name artifact) {
    return job.uploads().stream().anyMatch(upload -> upload.name().equals(artifact));
  }

  private static String whose(Job job, Artifacts.Download download, List<Name> givers) {
    String what = "job " + job.name() + " downloads the artifact " + download.name();
    Optional<Name> from = download.from();
    if (from.isPresent() && !job.needs().contains(from.get())) {
      return what + " from job " + from.get() + ", which it does not need; add it to needs";
    }
    if (from.isPresent()) {
      return what + ", which job " + from.get() + " does not upload";
    }
    return givers.isEmpty()
        ? what + ", which no job uploads that it needs; add that job to needs"
        : what
            + ", which several jobs upload that it needs: "
            + givers.stream().map(Name::value).collect(Collectors.joining(", "))
            + "; say from which";
  }

  private static void caches(
      Job job, Map<Name, Job> jobs, String path, BiConsumer<String, String> problem) {
    for (Cache cache : job.cache()) {
      axes(cache)
          .forEach(axis -> {
            if (!job.matrix().containsKey(axis)) {
              problem.accept(
                  path + ".cache",
                  "a cache of job "
                      + job.name()
                      + " has the axis "
                      + axis
                      + " in its key, which the job's matrix does not have");
            }
          });
    }
    if (job.caches().isEmpty()) {
      return;
    }
    // What it is given by a job that restored a cache is made of that cache.
    Set<Name> with =
        before(job, jobs).stream()
            .filter(name -> {
              Job other = jobs.get(name);
              return other != null && !other.cache().isEmpty();
            })
            .collect(Collectors.toCollection(TreeSet::new));
    if (!with.isEmpty()) {
      problem.accept(
          path + ".caches",
          "job "
              + job.name()
              + " is to build on no caches, but "
              + with.stream().map(Name::value).collect(Collectors.joining(", "))
              + (with.size() == 1 ? " has one" : " have some")
              + "; remove it there, or build anew in a job without");
    }
  }

  private static Set<String> axes(Cache cache) {
    var axes = new TreeSet<String>();
    var keys = new ArrayList<>(cache.restoreKeys());
    keys.add(cache.key());
    for (CacheKey key : keys) {
      for (KeyPart part : key.value()) {
        if (part instanceof KeyPart.Matrix(Name axis)) {
          axes.add(axis.value());
        }
      }
    }
    return axes;
  }

  /** The job and all that must be over before it. */
  private static Set<Name> before(Job job, Map<Name, Job> jobs) {
    var found = new HashSet<Name>();
    var todo = new ArrayDeque<Name>();
    todo.add(job.name());
    while (!todo.isEmpty()) {
      Name name = todo.remove();
      Job at = jobs.get(name);
      if (found.add(name) && at != null) {
        todo.addAll(at.needs());
      }
    }
    return found;
  }
}
