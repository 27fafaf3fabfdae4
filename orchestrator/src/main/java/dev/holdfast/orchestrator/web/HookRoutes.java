package dev.holdfast.orchestrator.web;

import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.forge.Sent;
import dev.holdfast.orchestrator.hook.Hooked;
import dev.holdfast.orchestrator.hook.Hooks;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.util.Optional;

/** Where forges call. */
final class HookRoutes {
  private final Hooks hooks;

  HookRoutes(Hooks hooks) {
    this.hooks = hooks;
  }

  /**
   * What became of a webhook.
   *
   * @param state {@code accepted} or {@code ignored}
   * @param reason why it was ignored
   */
  record Taken(String state, Optional<String> reason) {}

  void on(Router router) {
    router.signed(HandlerType.POST, "/hook/{source}", this::take);
  }

  private void take(Context ctx) throws ForgeUnavailable {
    var sent = new Sent(ctx.headerMap(), Http.bytes(ctx, Http.MOST_BODY));
    switch (hooks.take(ctx.pathParam("source"), sent)) {
      case Hooked.Accepted() ->
          Http.answer(ctx, 202, Taken.class, new Taken("accepted", Optional.empty()));
      case Hooked.Ignored(var why) ->
          Http.answer(ctx, 202, Taken.class, new Taken("ignored", Optional.of(why)));
      case Hooked.Refused(var because, var why) ->
          throw new Problem(
              switch (because) {
                case UNSIGNED -> 401;
                case NOT_OURS, UNREADABLE -> 422;
              },
              why);
    }
  }
}
