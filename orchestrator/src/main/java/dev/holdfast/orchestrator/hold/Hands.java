package dev.holdfast.orchestrator.hold;

import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.trust.Lookup;
import java.util.List;
import java.util.Optional;

/** Everybody who had a hand in an event, as it is kept beside it. */
public record Hands(List<Hand> hands) {
  /**
   * One of them.
   *
   * @param who if the forge names them
   * @param failed why it could not be told, if it could not
   */
  record Hand(Optional<Contributor> who, Optional<String> failed) {}

  /** As it is kept. */
  public static String text(List<Lookup<Contributor>> hands) {
    return Records.write(
        Hands.class,
        new Hands(
            hands.stream()
                .map(hand ->
                    switch (hand) {
                      case Lookup.Known<Contributor>(var who) ->
                          new Hand(Optional.of(who), Optional.empty());
                      case Lookup.Absent<Contributor>() ->
                          new Hand(Optional.empty(), Optional.empty());
                      case Lookup.Failed<Contributor>(var why) ->
                          new Hand(Optional.empty(), Optional.of(why));
                    })
                .toList()));
  }

  /** What {@link #text} wrote. */
  public static List<Lookup<Contributor>> read(String text) {
    return Records.read(Hands.class, text).hands().stream()
        .<Lookup<Contributor>>map(hand ->
            hand.who()
                .<Lookup<Contributor>>map(Lookup.Known::new)
                .orElseGet(() ->
                    hand.failed()
                        .<Lookup<Contributor>>map(Lookup.Failed::new)
                        .orElseGet(Lookup.Absent::new)))
        .toList();
  }
}
