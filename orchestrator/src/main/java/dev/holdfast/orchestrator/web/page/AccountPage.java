package dev.holdfast.orchestrator.web.page;

import dev.holdfast.orchestrator.access.Access;
import dev.holdfast.orchestrator.access.Caller;
import dev.holdfast.orchestrator.access.Directory;
import dev.holdfast.orchestrator.access.Identity;
import dev.holdfast.orchestrator.access.Linking;
import dev.holdfast.orchestrator.access.SigningIn;
import dev.holdfast.orchestrator.access.Tokens;
import dev.holdfast.orchestrator.access.User;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.web.Gate;
import dev.holdfast.orchestrator.web.Router;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Whoever looks: what they may do, and which accounts at forges are theirs. */
final class AccountPage {
  private static final String PATH = Settings.PATH + "/account";

  private final Gate gate;
  private final Access access;
  private final Linking linking;
  private final SigningIn signingIn;
  private final Repositories repositories;

  AccountPage(
      Gate gate, Access access, Linking linking, SigningIn signingIn, Repositories repositories) {
    this.gate = gate;
    this.access = access;
    this.linking = linking;
    this.signingIn = signingIn;
    this.repositories = repositories;
  }

  /**
   * What somebody has, and by what.
   *
   * @param team by which they have it; empty where it is theirs
   */
  record May(String words, Optional<String> team) {}

  /**
   * @param session by which they are signed in
   * @param narrow whether that is good for less than they are
   * @param forges where they can link an account
   * @param begun where to go on with a link that they just began
   * @param coded whether there is a code to enter
   */
  record View(
      User user,
      Tokens.Token session,
      boolean narrow,
      List<May> may,
      List<Identity> accounts,
      List<String> forges,
      Optional<Linking.Link> begun,
      boolean coded,
      Filled filled,
      Instant now) {}

  void on(Router router) {
    router.user(HandlerType.GET, PATH, this::show);
    router.user(HandlerType.POST, PATH + "/link", this::link);
    router.user(HandlerType.POST, PATH + "/confirm", this::confirm);
  }

  private void show(Context ctx) {
    show(ctx, Optional.empty(), false, Filled.NOTHING);
  }

  private void show(Context ctx, Optional<Linking.Link> begun, boolean coded, Filled filled) {
    Caller caller = gate.caller(ctx);
    Directory now = access.directory();
    String id = caller.user().id();
    Tokens.Token session = gate.token(ctx);
    var view =
        new View(
            caller.user(),
            session,
            session.scope().permissions().isPresent() || session.scope().repository().isPresent(),
            may(now, caller),
            now.identities().stream().filter(one -> one.user().equals(id)).toList(),
            signingIn.names(),
            begun,
            coded,
            filled,
            Router.asked(ctx).orElseThrow());
    Html.answer(
        ctx,
        filled.status(),
        (out, none) ->
            JteaccountGenerated.render(out, none, Settings.of(ctx, "You", "account"), view));
  }

  private List<May> may(Directory now, Caller caller) {
    String id = caller.user().id();
    return now.held().stream()
        .filter(held ->
            held.holder().equals(id)
                || now.teams().stream()
                    .anyMatch(
                        team -> team.id().equals(held.holder()) && team.members().contains(id)))
        .map(held ->
            new May(
                GrantLine.of(now, repositories, caller, held).words(),
                held.holder().equals(id)
                    ? Optional.empty()
                    : Optional.of(now.nameOf(held.holder()))))
        .toList();
  }

  private void link(Context ctx) {
    var begun = new java.util.ArrayList<Linking.Link>();
    Optional<Filled> refused =
        Filled.tried(
            ctx, () -> begun.add(linking.begin(gate.caller(ctx), Filled.needed(ctx, "forge"))));
    show(ctx, begun.stream().findFirst(), true, refused.orElse(Filled.NOTHING));
  }

  private void confirm(Context ctx) {
    Optional<Filled> refused =
        Filled.tried(ctx, () -> linking.confirm(gate.caller(ctx), Filled.needed(ctx, "code")));
    if (refused.isPresent()) {
      show(ctx, Optional.empty(), true, refused.get());
      return;
    }
    Html.go(ctx, PATH);
  }
}
