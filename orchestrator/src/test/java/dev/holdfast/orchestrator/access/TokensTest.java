package dev.holdfast.orchestrator.access;

import static dev.holdfast.orchestrator.access.Ground.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.access.Scope;
import dev.holdfast.model.definition.Name;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tokens are good for, and that none makes a better one. */
class TokensTest {
  @TempDir Path data = Path.of("");
  private Ground ground;

  @BeforeEach
  void open() {
    ground = new Ground(data);
  }

  @AfterEach
  void close() {
    ground.close();
  }

  private static void forbidden(String says, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            AccessRefused.class, e -> assertThat(e.kind()).isEqualTo(AccessRefused.Kind.FORBIDDEN))
        .hasMessageContaining(says);
  }

  private Tokens.Made make(Caller by, Ground.Ask ask) {
    return ground.access.tokens().make(by, ask.ask());
  }

  @Test
  void aTokenIsGoodForItsScopeAndNoMore() {
    Caller ann = ground.user("ann", "admin");
    Caller narrow = ground.by(make(ann, token("t").scope(Permission.VIEW).in(ground.app)));
    assertThat(narrow.may(Permission.VIEW, Optional.of(ground.app.id()))).isTrue();
    assertThat(narrow.maySomewhere(Permission.VIEW)).isTrue();
    assertThat(narrow.may(Permission.VIEW, Optional.of(ground.other.id()))).isFalse();
    assertThat(narrow.may(Permission.VIEW, Optional.empty())).isFalse();
    assertThat(narrow.may(Permission.START_RUNS, Optional.of(ground.app.id()))).isFalse();
    forbidden("manage-users", () -> ground.access.members().add(narrow, new Name("eve")));
    // And no more than its user has by now.
    ground.revoke(ground.admin(), "ann", "admin");
    assertThat(ground.by(make(ground.as("ann"), token("u"))).maySomewhere(Permission.VIEW))
        .isFalse();
  }

  @Test
  void noTokenMakesABetterOne() {
    Caller ann = ground.user("ann", "admin");
    Instant ends = ground.now.plus(Duration.ofDays(7));
    Caller narrow =
        ground.by(
            make(
                ann, token("narrow").scope(Permission.VIEW, Permission.MANAGE_TOKENS).until(ends)));
    assertThat(make(narrow, token("as-good")).token().scope())
        .isEqualTo(
            new Scope(
                Optional.of(Set.of(Permission.VIEW, Permission.MANAGE_TOKENS)), Optional.empty()));
    forbidden("no more than", () -> make(narrow, token("t").scope(Permission.START_RUNS)));
    forbidden("no longer", () -> make(narrow, token("t").until(ends.plusMillis(1))));
    assertThat(make(narrow, token("t")).token().expires()).contains(ends);
    forbidden(
        "no more than", () -> make(narrow, token("t").user("admin").scope(Permission.APPROVE)));

    Caller here = ground.by(make(ann, token("here").in(ground.app)));
    forbidden("no more than", () -> make(here, token("t").in(ground.other)));
    assertThat(make(here, token("t")).token().scope().repository()).contains(ground.app.id());
  }

  @Test
  void aTokenHasNothingThatItsUserLacks() {
    Caller dev = ground.user("dev", "developer");
    forbidden("you do not have approve", () -> make(dev, token("t").scope(Permission.APPROVE)));
    forbidden(
        "you do not have manage-owners",
        () -> make(dev, token("t").scope(Permission.MANAGE_OWNERS)));
    assertThat(make(dev, token("t").scope(Permission.START_RUNS)).secret()).startsWith("hft_");
  }

  /** Approvals count people: whoever could make others' tokens could be all of them. */
  @Test
  void onlyAnOwnerMakesATokenByWhichSomebodyElseApproves() {
    Caller ann = ground.user("ann", "admin");
    ground.user("bob", "approver");
    forbidden("only an owner", () -> make(ann, token("t").user("bob")));
    forbidden("only an owner", () -> make(ann, token("t").user("bob").scope(Permission.APPROVE)));
    forbidden(
        "only an owner",
        () -> make(ann, token("t").user("bob").scope(Permission.VIEW, Permission.APPROVE)));
    // Nor by way of one that may do less, for it makes none that may do more.
    Caller asBob =
        ground.by(make(ann, token("t").user("bob").scope(Permission.VIEW, Permission.START_RUNS)));
    assertThat(asBob.user().name()).isEqualTo(new Name("bob"));
    forbidden("no more than", () -> make(asBob, token("u").scope(Permission.APPROVE)));
    assertThat(ground.by(make(asBob, token("u"))).maySomewhere(Permission.APPROVE)).isFalse();
    assertThat(make(ground.admin(), token("t").user("bob")).token().scope()).isEqualTo(Scope.ALL);

    Caller dev = ground.user("dev", "developer");
    forbidden("manage-tokens", () -> make(dev, token("t").user("bob").scope(Permission.VIEW)));
  }

  @Test
  void aTokenEndsWhenItSaid() {
    Caller ann = ground.user("ann", "viewer");
    Tokens.Made usual = make(ann, token("usual"));
    Tokens.Made brief = make(ann, token("brief").until(ground.now.plusSeconds(60)));
    assertThat(usual.token().expires()).contains(ground.now.plus(Tokens.LIFE));
    ground.now = ground.now.plusSeconds(59);
    assertThat(ground.access.tokens().check(brief.secret())).isPresent();
    ground.now = ground.now.plusSeconds(1);
    assertThat(ground.access.tokens().check(brief.secret())).isEmpty();
    assertThat(ground.access.tokens().stands(brief.token().id())).isFalse();
    assertThat(ground.access.tokens().check(usual.secret())).isPresent();
    ground.restart();
    assertThat(ground.access.tokens().check(brief.secret())).isEmpty();
    assertThatThrownBy(() -> make(ground.as("ann"), token("late").until(ground.now)))
        .hasMessageContaining("is over already");
  }

  @Test
  void whoMayEndWhose() {
    Caller ann = ground.user("ann", "admin");
    Caller dev = ground.user("dev", "developer");
    Tokens tokens = ground.access.tokens();
    Tokens.Made devs = make(dev, token("devs"));
    Tokens.Made weak = make(dev, token("weak").scope(Permission.VIEW));
    forbidden("good for less", () -> tokens.revoke(ground.by(weak), devs.token().id()));
    forbidden("manage-tokens", () -> tokens.revoke(dev, ann.token()));
    forbidden("admin may do more", () -> tokens.revoke(ann, ground.admin().token()));
    assertThatThrownBy(() -> tokens.revoke(ann, "tok_none")).hasMessageContaining("there is no");

    tokens.revoke(ann, devs.token().id());
    assertThat(tokens.check(devs.secret())).isEmpty();
    Caller late = ground.by(weak);
    tokens.revoke(late, weak.token().id());
    assertThat(tokens.check(weak.secret())).isEmpty();
    // What it began before it ended, and finishes after.
    forbidden("was revoked", () -> make(late, token("late")));
  }

  @Test
  void whenATokenWasUsedIsKeptToTheHour() {
    Caller ann = ground.user("ann", "viewer");
    Tokens.Made made = make(ann, token("t"));
    Tokens tokens = ground.access.tokens();
    assertThat(tokens.used(made.token())).isEmpty();
    Instant first = ground.now;
    assertThat(tokens.check(made.secret())).isPresent();
    ground.now = first.plusSeconds(3599);
    assertThat(tokens.check(made.secret())).isPresent();
    assertThat(tokens.used(made.token())).contains(first);
    ground.now = first.plusSeconds(3600);
    assertThat(tokens.check(made.secret())).isPresent();
    assertThat(tokens.used(made.token())).contains(first.plusSeconds(3600));
    ground.restart();
    assertThat(ground.access.tokens().used(made.token())).contains(first.plusSeconds(3600));
  }
}
