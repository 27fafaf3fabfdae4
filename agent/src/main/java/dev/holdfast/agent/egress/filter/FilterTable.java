package dev.holdfast.agent.egress.filter;

import dev.holdfast.agent.egress.host.EgressUnavailable;
import dev.holdfast.agent.egress.host.Program;
import dev.holdfast.agent.egress.rule.Box;
import dev.holdfast.agent.egress.rule.Ip;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The one table, {@code inet holdfast}. Each method is one transaction of the kernel's, or none.
 * Thread-safe: the kernel puts transactions in order.
 */
public final class FilterTable {
  private final Program nft;
  private final Program shell;
  private final String text;
  private final String reference;

  /**
   * Loads the table into a network namespace made for that, to learn how this host prints it.
   *
   * @throws EgressUnavailable if this host cannot have it
   */
  public FilterTable(FilterSpec spec) throws EgressUnavailable {
    nft = Program.need("nft", "nftables");
    shell = Program.need("sh", "dash");
    text = Ruleset.text(spec);
    reference =
        Program.need("unshare", "util-linux")
            .must(
                "load the egress filter; it needs Linux 5.10, nftables 1.0 and root",
                text,
                "-n",
                shell.path().toString(),
                "-c",
                nft.path() + " -f - && " + nft.path() + " -s -t list table " + Ruleset.TABLE);
  }

  /** Whether the host's table is word for word ours, and has the addresses of {@code live}. */
  public boolean isIntact(Collection<JobElements> live) throws EgressUnavailable {
    String list = nft.path() + " -s -t list table " + Ruleset.TABLE;
    String sources = nft.path() + " list set " + Ruleset.TABLE + " source4";
    Program.Answer answer = shell.run("", "-c", list + " && " + sources);
    if (!answer.good() || !answer.out().startsWith(reference)) {
      return false;
    }
    Set<String> known =
        Listing.parse(answer.out().substring(reference.length())).stream()
            .map(Listing.Element::link)
            .collect(Collectors.toSet());
    return live.stream().allMatch(j -> known.contains(j.link()));
  }

  /** Whether there is a table of this name at all. */
  public boolean exists() throws EgressUnavailable {
    return nft.run("", "-t", "list", "table", "inet", "holdfast").good();
  }

  /**
   * Puts our table in the place of whatever has its name, with the elements of {@code live}: at no
   * instant is there none. What was counted so far, and what was learned of names, is lost.
   */
  public void install(Collection<JobElements> live) throws EgressUnavailable {
    var batch = new StringBuilder();
    batch.append("table inet holdfast\ndelete table inet holdfast\n").append(text);
    live.forEach(j -> batch.append(j.add()));
    nft.must("install the egress filter", batch.toString(), "-f", "-");
    if (!isIntact(live)) {
      throw new EgressUnavailable(
          "the table inet holdfast is not what was just installed; look for a program that changes"
              + " nftables (nft monitor shows what it does)");
    }
  }

  public void add(JobElements job) throws EgressUnavailable {
    nft.must("open the egress filter for " + job.link(), job.add(), "-f", "-");
  }

  /** Puts what is open to a job now in the place of what was, in one transaction. */
  public void change(JobElements before, JobElements after) throws EgressUnavailable {
    nft.must(
        "change the egress filter for " + after.link(), before.remove() + after.add(), "-f", "-");
  }

  /** Opens or shuts a port of the agent's own address to {@code link}. */
  public void door(String link, Ip agent, int port, boolean open) throws EgressUnavailable {
    nft.must(
        (open ? "open" : "shut") + " a port of the agent to " + link,
        JobElements.door(link, agent, port, open),
        "-f",
        "-");
  }

  /** Replaces what {@code link} has {@code learned} before by {@code boxes}. */
  public void learn(String link, Collection<Box> learned, Collection<Box> boxes, long seconds)
      throws EgressUnavailable {
    var batch = new StringBuilder();
    learned.forEach(b -> batch.append(JobElements.forget(link, b)));
    boxes.forEach(b -> batch.append(JobElements.learn(link, b, seconds)));
    nft.must("open an answered address for " + link, batch.toString(), "-f", "-");
  }

  /**
   * Removes all elements of {@code link}, whose interface must be gone, and looks again.
   *
   * @return what was counted
   */
  public Tally remove(String link) throws EgressUnavailable {
    return Tally.of(removeAll(name -> name.equals(link)));
  }

  /** As {@link #remove} for all whose names start with {@code prefix}. */
  public void purge(String prefix) throws EgressUnavailable {
    removeAll(name -> name.startsWith(prefix));
  }

  private List<Listing.Element> removeAll(Predicate<String> links) throws EgressUnavailable {
    List<Listing.Element> found = elements(links);
    if (!found.isEmpty()) {
      var batch = new StringBuilder();
      for (Listing.Element element : found) {
        // Added first, since one that ends by itself may have ended by now.
        String what =
            "element " + Ruleset.TABLE + " " + element.set() + " { " + element.key() + " }\n";
        batch.append("add ").append(what).append("delete ").append(what);
      }
      nft.must("remove a job's elements from the egress filter", batch.toString(), "-f", "-");
      List<Listing.Element> left = elements(links);
      if (!left.isEmpty()) {
        throw new EgressUnavailable(
            left.size()
                + " elements are left in the egress filter, as "
                + left.getFirst().set()
                + " "
                + left.getFirst().key()
                + "; is the job's interface gone?");
      }
    }
    return found;
  }

  private List<Listing.Element> elements(Predicate<String> links) throws EgressUnavailable {
    Program.Answer answer = nft.run("", "-n", "list", "table", "inet", "holdfast");
    if (answer.good()) {
      return Listing.parse(answer.out()).stream().filter(e -> links.test(e.link())).toList();
    }
    // Without a table there are no elements. Whoever asks for more makes sure of the table first.
    if (answer.complaint().contains("No such file or directory")) {
      return List.of();
    }
    throw new EgressUnavailable("cannot read the egress filter: " + answer.complaint());
  }

  /** Says which interfaces forward only because we made them: they do so for jobs alone. */
  public void onlyForJobs(Collection<String> four, Collection<String> six)
      throws EgressUnavailable {
    var batch = new StringBuilder();
    guard(batch, "uplinks4", four);
    guard(batch, "uplinks6", six);
    nft.must("keep this host from routing for its neighbours", batch.toString(), "-f", "-");
  }

  private static void guard(StringBuilder batch, String set, Collection<String> links) {
    batch.append("flush set ").append(Ruleset.TABLE).append(' ').append(set).append('\n');
    links.forEach(
        l -> batch.append("add element %s %s { \"%s\" }\n".formatted(Ruleset.TABLE, set, l)));
  }
}
