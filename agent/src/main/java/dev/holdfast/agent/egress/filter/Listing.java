package dev.holdfast.agent.egress.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What nft prints of sets with their elements. */
final class Listing {
  private static final Pattern SET =
      Pattern.compile("\\sset (\\w+) \\{[^{}]*?elements = \\{([^{}]*)\\}", Pattern.DOTALL);
  private static final Pattern ELEMENT =
      Pattern.compile("^(\"([a-z0-9]+)\"( \\. \\S+)*)(?: .*)?$", Pattern.DOTALL);
  private static final Pattern COUNTER = Pattern.compile("counter packets (\\d+) bytes (\\d+)");

  private Listing() {}

  /**
   * An element of a set that is keyed by interface.
   *
   * @param key as nft reads it
   * @param parts of the key behind the interface
   */
  record Element(
      String set, String link, String key, List<String> parts, long packets, long bytes) {}

  static List<Element> parse(String text) {
    var elements = new ArrayList<Element>();
    Matcher sets = SET.matcher(text);
    while (sets.find()) {
      for (String written : sets.group(2).split(",")) {
        Matcher element = ELEMENT.matcher(written.strip());
        if (element.matches()) {
          String key = element.group(1);
          Matcher counter = COUNTER.matcher(written);
          boolean counted = counter.find();
          String[] parts = key.split(" \\. ");
          elements.add(
              new Element(
                  sets.group(1),
                  element.group(2),
                  key,
                  List.of(parts).subList(1, parts.length),
                  counted ? Long.parseLong(counter.group(1)) : 0,
                  counted ? Long.parseLong(counter.group(2)) : 0));
        }
      }
    }
    return elements;
  }
}
