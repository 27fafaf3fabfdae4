package dev.holdfast.agent.job;

import dev.holdfast.agent.checkout.Checkout;
import dev.holdfast.agent.checkout.CheckoutFailed;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi.Source;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** A checkout beside the start of its sandbox. */
final class CheckoutTask {
  private final Checkout checkout;
  private final Source source;
  private final Path workspace;
  private final CompletableFuture<Optional<Outcome>> result = new CompletableFuture<>();
  private final Thread thread = Thread.ofVirtual().name("checkout").unstarted(this::write);

  CheckoutTask(Checkout checkout, Source source, Path workspace) {
    this.checkout = checkout;
    this.source = source;
    this.workspace = workspace;
  }

  Thread start() {
    thread.start();
    return thread;
  }

  private void write() {
    try {
      checkout.write(source, workspace);
      result.complete(Optional.empty());
    } catch (CheckoutFailed e) {
      String why = String.valueOf(e.getMessage());
      // A commit that is gone is gone for every agent; all else may be this host's or this
      // minute's.
      result.complete(
          Optional.of(e.lasting() ? new Outcome.Refused(why) : new Outcome.Broken(why)));
    } catch (InterruptedException e) {
      result.complete(Optional.of(new Outcome.Broken("the checkout was interrupted")));
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(e);
      throw e;
    }
  }

  /** How the attempt ends because of it; empty if the files are there. */
  Optional<Outcome> await() throws InterruptedException {
    try {
      return result.get();
    } catch (ExecutionException e) {
      return Optional.of(new Outcome.Broken("the checkout failed: " + e.getCause()));
    }
  }

  /** Ends it if it still runs, so that the directory can go. */
  void end() throws InterruptedException {
    if (!result.isDone()) {
      thread.interrupt();
    }
    thread.join();
  }
}
