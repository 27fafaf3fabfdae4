package dev.holdfast.orchestrator;

import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.forge.Delivered;
import dev.holdfast.orchestrator.forge.Deliveries;
import dev.holdfast.orchestrator.forge.People;
import dev.holdfast.orchestrator.hold.Comments;
import dev.holdfast.orchestrator.intake.Inbox;
import dev.holdfast.orchestrator.link.Tokens;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Hands on what webhooks say. */
record Arrivals(Inbox inbox, Comments comments, People people, Tokens tokens, Consumer<String> news)
    implements Deliveries {
  @Override
  public void happened(Event event, List<Lookup<Contributor>> hands) {
    inbox.accept(event, hands);
  }

  @Override
  public void commented(String delivery, Delivered.Commented said) {
    comments.accept(delivery, said);
  }

  @Override
  public void again(String delivery, Delivered.Again asked) {
    comments.accept(delivery, asked);
  }

  @Override
  public void look(String repository) {
    news.accept(repository);
  }

  @Override
  public void accessChanged(String forge, Optional<String> person) {
    people.forget(forge, person);
    if (person.isEmpty()) {
      tokens.forget();
    }
  }
}
