package dev.holdfast.agent.egress.filter;

import dev.holdfast.agent.egress.rule.Box;
import dev.holdfast.agent.egress.rule.Ip;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What stands in the table's sets for one job.
 *
 * @param link the outside interface's name
 * @param isPublic whether what no box names is open where it is not in a blocked range
 */
public record JobElements(
    String link, Ip address4, Optional<Ip> address6, boolean isPublic, List<Box> boxes) {
  public JobElements {
    if (!link.matches("hfj[a-z0-9]{1,12}")) {
      throw new IllegalArgumentException(link + " is no name of a job's interface");
    }
    boxes = List.copyOf(boxes);
  }

  String add() {
    var text = new StringBuilder();
    each().forEach(e -> text.append("add element ").append(e).append('\n'));
    return text.toString();
  }

  /** Takes away what {@link #add} adds; it need not be there. */
  String remove() {
    var text = new StringBuilder();
    each()
        .forEach(e ->
            text.append("add element ")
                .append(e)
                .append("\ndelete element ")
                .append(e)
                .append('\n'));
    return text.toString();
  }

  private List<String> each() {
    var elements = new ArrayList<String>();
    elements.add(element("source4", address4.toString()));
    address6.ifPresent(a -> elements.add(element("source6", a.toString())));
    if (isPublic) {
      elements.add(Ruleset.TABLE + " public { \"" + link + "\" }");
    }
    boxes.forEach(b -> elements.add(element((b.open() ? "opened" : "shut") + family(b), key(b))));
    return elements;
  }

  /** What opens {@code box} to {@code link} for some seconds from now. */
  static String learn(String link, Box box, long seconds) {
    return "add element %s learned%s { \"%s\" . %s timeout %ds }\n"
        .formatted(Ruleset.TABLE, family(box), link, key(box), seconds);
  }

  static String forget(String link, Box box) {
    String set = Ruleset.TABLE + " learned" + family(box);
    String key = "{ \"" + link + "\" . " + key(box);
    return "add element "
        + set
        + " "
        + key
        + " timeout 60s }\n"
        + "delete element "
        + set
        + " "
        + key
        + " }\n";
  }

  /** What opens a port of the agent's own address to {@code link}, or shuts it. */
  static String door(String link, Ip agent, int port, boolean open) {
    String element =
        "element %s doors { \"%s\" . %s . %d }\n".formatted(Ruleset.TABLE, link, agent, port);
    // Added first, since it need not be there any more.
    return open ? "add " + element : "add " + element + "delete " + element;
  }

  private String element(String set, String key) {
    return Ruleset.TABLE + " " + set + " { \"" + link + "\" . " + key + " }";
  }

  private static String family(Box box) {
    return box.range().v6() ? "6" : "4";
  }

  private static String key(Box box) {
    boolean v6 = box.range().v6();
    return box.range() + " . " + box.protocol().kernelName(v6) + " . " + box.ports();
  }
}
