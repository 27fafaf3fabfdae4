package dev.holdfast.agent;

import dev.holdfast.agent.link.OrchestratorClient;
import dev.holdfast.agent.link.Rejected;
import dev.holdfast.agent.link.Unreachable;
import dev.holdfast.model.wire.agent.AgentApi;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the orchestrator of the newest probe of this host: after each registration, and when
 * another one was left. {@link #tell} is called by one thread.
 */
final class ProbeNews {
  private static final Logger LOG = LoggerFactory.getLogger(ProbeNews.class);

  private final LastProbe last;
  private final OrchestratorClient client;
  private volatile boolean again;
  private Optional<LastProbe.Mark> told = Optional.empty();

  ProbeNews(LastProbe last, OrchestratorClient client) {
    this.last = last;
    this.client = client;
  }

  /** Has the next {@link #tell} tell it again: the orchestrator may know nothing of it. */
  void again() {
    again = true;
  }

  /** Tells what there is to tell; what the orchestrator does not hear is told the next time. */
  void tell(String agent) throws InterruptedException {
    try {
      if (again) {
        again = false;
        told = Optional.empty();
      }
      Optional<LastProbe.Mark> there = last.mark();
      if (there.isEmpty() || there.equals(told)) {
        return;
      }
      told = there;
      client.probed(new AgentApi.Probed(agent, last.read()));
      LOG.info("told of the newest probe of this host");
    } catch (Unreachable e) {
      told = Optional.empty();
      LOG.debug("the newest probe is told of later: {}", e.getMessage());
    } catch (Rejected e) {
      LOG.warn("the server does not take what the newest probe found: {}", e.getMessage());
    } catch (IOException e) {
      LOG.warn("the newest probe is not told of: {}", e.getMessage());
    }
  }
}
