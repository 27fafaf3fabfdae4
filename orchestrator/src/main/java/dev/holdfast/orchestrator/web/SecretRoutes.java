package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.secret.SecretUse;
import dev.holdfast.orchestrator.seal.MasterKeys;
import dev.holdfast.orchestrator.secret.SecretScope;
import dev.holdfast.orchestrator.secret.Secrets;
import dev.holdfast.orchestrator.secret.SeenBy;
import dev.holdfast.orchestrator.secret.VaultReference;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Secrets, for people and scripts. Values go in and never come out: no answer of any of these holds
 * one.
 */
final class SecretRoutes {
  private static final int MOST_AT_ONCE = 200;

  private final Gate gate;
  private final Secrets secrets;
  private final SecretActions actions;
  private final SeenBy seenBy;
  private final MasterKeys masters;

  SecretRoutes(
      Gate gate, Secrets secrets, SecretActions actions, SeenBy seenBy, MasterKeys masters) {
    this.gate = gate;
    this.secrets = secrets;
    this.actions = actions;
    this.seenBy = seenBy;
    this.masters = masters;
  }

  /** A version, without what it holds. */
  record Shown(
      String name,
      long version,
      String source,
      String by,
      Instant at,
      Optional<String> purgedBy,
      Optional<Instant> purgedAt,
      boolean newest,
      Optional<Instant> removed) {}

  record All(List<Shown> secrets) {}

  record Versions(List<Shown> versions) {}

  /**
   * What to set: values by name, each in Base64.
   *
   * @param values all of them or none
   */
  record Values(Map<String, String> values) {
    /** Never what it holds: an exception or a log may print it. */
    @Override
    public String toString() {
      return "values of " + values.keySet();
    }
  }

  record Reference(Name vault, String mount, String path, String field) {}

  /**
   * A value that no job is given, and what it is for.
   *
   * @param value in Base64
   * @param url {@code https://HOST[:PORT]/PATH}: with a slash at its end, all below it
   * @param as {@code HEADER: FORM}, with {@code {}} for the value
   * @param methods those that only read, where there are none
   * @param passes headers of the job's own that go along
   */
  record ForUse(String value, String url, String as, List<String> methods, List<String> passes) {
    SecretUse use() {
      return SecretUse.parse(url, as, methods.isEmpty() ? SecretUse.READING : methods, passes);
    }

    /** Never what it holds: an exception or a log may print it. */
    @Override
    public String toString() {
      return "a value for use at " + url;
    }
  }

  /** A number by itself. */
  record Value(long value) {}

  /** Versions by name. */
  record Set(Map<String, Value> versions) {
    static Set of(SecretName name, long version) {
      return new Set(Map.of(name.value(), new Value(version)));
    }
  }

  record Rollback(long version) {}

  record Purged(List<Value> purged) {}

  record Removed(String removed) {}

  /**
   * An attempt that was given a version of it.
   *
   * @param steps that were handed it, by position
   */
  record Sight(
      String repository,
      String run,
      long number,
      String workflow,
      String commit,
      String job,
      String attempt,
      String agent,
      long version,
      Instant given,
      List<Value> steps) {
    static Sight of(SeenBy.Sight one) {
      return new Sight(
          one.repository(),
          one.run(),
          one.number(),
          one.workflow(),
          one.commit(),
          one.job(),
          one.attempt(),
          one.agent(),
          one.version(),
          one.given(),
          one.steps().stream().map(Value::new).toList());
    }
  }

  record Seen(List<Sight> seen) {}

  void on(Router router) {
    router.queried(Permission.VIEW_SECRETS, HandlerType.GET, "/api/v1/secrets", this::list);
    router.queried(Permission.MANAGE_SECRETS, HandlerType.POST, "/api/v1/secrets", this::set);
    router.queried(
        Permission.VIEW_SECRETS, HandlerType.GET, "/api/v1/secrets/{secret}", this::versions);
    router.queried(
        Permission.VIEW_SECRETS, HandlerType.GET, "/api/v1/secrets/{secret}/seen-by", this::seen);
    // For the installation alone: whoever points at a vault reads all that Holdfast may read there.
    router.installation(
        Permission.MANAGE_SECRETS,
        HandlerType.PUT,
        "/api/v1/secrets/{secret}/reference",
        this::refer);
    router.queried(
        Permission.MANAGE_SECRETS, HandlerType.PUT, "/api/v1/secrets/{secret}/use", this::forUse);
    router.queried(
        Permission.MANAGE_SECRETS,
        HandlerType.POST,
        "/api/v1/secrets/{secret}/rollback",
        this::rollback);
    router.queried(
        Permission.MANAGE_SECRETS, HandlerType.POST, "/api/v1/secrets/{secret}/purge", this::purge);
    router.queried(
        Permission.MANAGE_SECRETS, HandlerType.DELETE, "/api/v1/secrets/{secret}", this::remove);
  }

  private static SecretName name(Context ctx) {
    return new SecretName(ctx.pathParam("secret"));
  }

  private Shown shown(Secrets.Version one) {
    return new Shown(
        one.name().value(),
        one.version(),
        one.source(),
        gate.nameOf(one.by()),
        one.at(),
        one.purgedBy().map(gate::nameOf),
        one.purgedAt(),
        one.newest(),
        one.removed());
  }

  private void list(Context ctx) {
    Http.answer(
        ctx,
        All.class,
        new All(secrets.list(actions.scope(ctx)).stream().map(this::shown).toList()));
  }

  private void versions(Context ctx) {
    Http.answer(
        ctx,
        Versions.class,
        new Versions(
            secrets.versions(actions.scope(ctx), name(ctx)).stream().map(this::shown).toList()));
  }

  private void set(Context ctx) {
    SecretScope scope = actions.scope(ctx);
    Values asked = Http.body(ctx, Values.class);
    if (asked.values().isEmpty() || asked.values().size() > MOST_AT_ONCE) {
      throw new Problem(400, "values: give 1 to " + MOST_AT_ONCE + " at a time");
    }
    var values = new LinkedHashMap<SecretName, byte[]>();
    asked.values().forEach((name, text) -> values.put(new SecretName(name), bytes(name, text)));
    var versions = new LinkedHashMap<String, Value>();
    actions
        .set(ctx, scope, values)
        .forEach((name, version) -> versions.put(name.value(), new Value(version)));
    Http.answer(ctx, 201, Set.class, new Set(versions));
  }

  private static byte[] bytes(String name, String text) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException _) {
      // The cause would repeat a part of the value.
      throw new Problem(400, "the value of " + name + " is not in Base64");
    }
  }

  private void refer(Context ctx) {
    SecretScope scope = actions.scope(ctx);
    Reference asked = Http.body(ctx, Reference.class);
    if (masters.vault(asked.vault().value()).isEmpty()) {
      throw new Problem(
          404,
          "this server knows no vault " + asked.vault() + "; write it into the file about keys");
    }
    long version =
        secrets.refer(
            scope,
            name(ctx),
            new VaultReference(asked.vault(), asked.mount(), asked.path(), asked.field()),
            actions.by(ctx),
            actions.along(ctx, "secret.set"));
    Http.answer(ctx, 201, Set.class, Set.of(name(ctx), version));
  }

  private void forUse(Context ctx) {
    SecretScope scope = actions.scope(ctx);
    ForUse asked = Http.body(ctx, ForUse.class);
    SecretUse use;
    try {
      use = asked.use();
    } catch (IllegalArgumentException e) {
      throw new Problem(400, String.valueOf(e.getMessage()));
    }
    long version =
        secrets.setForUse(
            scope,
            name(ctx),
            use,
            bytes(name(ctx).value(), asked.value()),
            actions.by(ctx),
            actions.along(ctx, "secret.set"));
    Http.answer(ctx, 201, Set.class, Set.of(name(ctx), version));
  }

  private void rollback(Context ctx) {
    long version =
        actions.rollback(
            ctx, actions.scope(ctx), name(ctx), Http.body(ctx, Rollback.class).version());
    Http.answer(ctx, 201, Set.class, Set.of(name(ctx), version));
  }

  private void purge(Context ctx) {
    Http.answer(
        ctx,
        Purged.class,
        new Purged(
            actions.purge(ctx, actions.scope(ctx), name(ctx), version(ctx)).stream()
                .map(Value::new)
                .toList()));
  }

  private void remove(Context ctx) {
    actions.remove(ctx, actions.scope(ctx), name(ctx));
    Http.answer(ctx, Removed.class, new Removed(name(ctx).value()));
  }

  private void seen(Context ctx) {
    int limit = (int) Http.number(ctx, "limit", 1, 10_000, 1000);
    Http.answer(
        ctx,
        Seen.class,
        new Seen(
            seenBy.of(actions.scope(ctx), name(ctx), version(ctx), limit).stream()
                .map(Sight::of)
                .toList()));
  }

  /** The one that the query names. */
  private static Optional<Long> version(Context ctx) {
    long version = Http.number(ctx, "version", 1, Long.MAX_VALUE, 0);
    return version == 0 ? Optional.empty() : Optional.of(version);
  }
}
