package dev.holdfast.runner.code;

import dev.holdfast.model.definition.Artifacts;
import dev.holdfast.model.definition.Cache;
import dev.holdfast.model.definition.CacheKey;
import dev.holdfast.model.definition.KeyPart;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.When;
import dev.holdfast.sdk.Job;
import dev.holdfast.sdk.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Caches and artifacts of one job, as {@link Translation} does the rest. */
final class KeptTranslation {
  private final Job.Parts written;

  KeptTranslation(Job.Parts written) {
    this.written = written;
  }

  /** Makes something that was written there; what the model refuses is noted. */
  interface At {
    <T> T made(Place place, Supplier<T> made);
  }

  List<Cache> caches(At at) {
    var found = new ArrayList<Cache>();
    for (var cache : written.caches()) {
      var parts = cache.parts();
      found.add(at.made(parts.place(), () -> cache(parts)));
    }
    return List.copyOf(found);
  }

  private static Cache cache(dev.holdfast.sdk.Cache.Parts parts) {
    List<KeyPart> key = parts.key().stream().map(KeptTranslation::part).toList();
    if (key.isEmpty()) {
      throw new IllegalArgumentException(
          "the cache does not say what it is known by; add key(\"…\") or hash(\"…\")");
    }
    return new Cache(
        parts.paths(),
        new CacheKey(key),
        parts.restoreKeys().stream().map(count -> new CacheKey(key.subList(0, count))).toList(),
        parts.untrusted() ? Optional.of(Cache.From.UNTRUSTED) : Optional.empty());
  }

  private static KeyPart part(dev.holdfast.sdk.Cache.KeyPart part) {
    return switch (part) {
      case dev.holdfast.sdk.Cache.KeyPart.Text(String text) -> new KeyPart.Text(text);
      case dev.holdfast.sdk.Cache.KeyPart.Files(var patterns) -> new KeyPart.Files(patterns);
      case dev.holdfast.sdk.Cache.KeyPart.Axis(String axis) -> new KeyPart.Matrix(new Name(axis));
    };
  }

  Optional<Artifacts> artifacts(At at, Function<dev.holdfast.sdk.When, When> when) {
    var uploads = new ArrayList<Artifacts.Upload>();
    for (var upload : written.uploads()) {
      uploads.add(
          at.made(
              upload.place(),
              () ->
                  new Artifacts.Upload(
                      new Name(upload.name()), upload.paths(), upload.when().map(when))));
    }
    var downloads = new ArrayList<Artifacts.Download>();
    for (var download : written.downloads()) {
      downloads.add(
          at.made(
              download.place(),
              () ->
                  new Artifacts.Download(
                      new Name(download.name()), download.from().map(Name::new), download.into())));
    }
    return uploads.isEmpty() && downloads.isEmpty()
        ? Optional.empty()
        : Optional.of(at.made(written.place(), () -> new Artifacts(uploads, downloads)));
  }
}
