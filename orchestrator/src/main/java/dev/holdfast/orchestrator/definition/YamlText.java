package dev.holdfast.orchestrator.definition;

import dev.holdfast.model.json.Quote;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * Reads one YAML file into {@link Yaml}, from parser events and not from composed nodes, so that an
 * alias, an anchor, a tag or too much depth is refused before anything is built of it.
 */
final class YamlText {
  /** Several times the largest workflow that a person writes by hand. */
  static final int MOST_BYTES = 256 * 1024;

  /** The schema nests nine deep. */
  private static final int MAX_DEPTH = 20;

  private static final int MOST_VALUES = 20_000;
  private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");

  private final ParserImpl parser;
  private int values;

  private YamlText(String text) {
    var settings =
        LoadSettings.builder().setCodePointLimit(MOST_BYTES).setParseComments(false).build();
    this.parser = new ParserImpl(settings, new StreamReader(settings, text));
  }

  /**
   * The one document that {@code utf8} holds.
   *
   * @throws Refused if it does not hold one
   */
  static Yaml parse(byte[] utf8) {
    if (utf8.length > MOST_BYTES) {
      throw new Refused(0, "is larger than 256 KiB; split it into several workflows");
    }
    String text = text(utf8);
    try {
      return new YamlText(text).document();
    } catch (MarkedYamlEngineException e) {
      throw new Refused(line(e.getProblemMark()), "is not valid YAML: " + syntax(e));
    } catch (ReaderException e) {
      int line = 1 + (int) text.codePoints().limit(e.getPosition()).filter(c -> c == '\n').count();
      throw new Refused(
          line,
          "holds a character that YAML does not allow, " + Character.getName(e.getCodePoint()));
    } catch (YamlEngineException e) {
      throw new Refused(0, "is not valid YAML: " + Quote.of(String.valueOf(e.getMessage())));
    }
  }

  private static String text(byte[] utf8) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw new Refused(0, "is not UTF-8 text; save it as UTF-8");
    }
  }

  private static String syntax(MarkedYamlEngineException e) {
    String problem = String.valueOf(e.getProblem());
    String mend = problem.contains("TAB") ? "; indent with spaces, YAML allows no tabs" : "";
    String context = e.getContext() == null ? "" : e.getContext() + ": ";
    String line = (context + problem).replaceAll("[\\p{Cntrl}\\p{Cf}]", "?");
    String column = e.getProblemMark().map(m -> ", column " + (m.getColumn() + 1)).orElse("");
    return (line.length() <= 200 ? line : line.substring(0, 200) + "…") + mend + column;
  }

  private Yaml document() {
    next(); // the stream's start
    if (parser.checkEvent(Event.ID.StreamEnd)) {
      throw new Refused(0, "is empty; write a workflow, or remove the file");
    }
    next(); // the document's start
    Yaml root = value(next(), 0);
    next(); // the document's end
    if (!parser.checkEvent(Event.ID.StreamEnd)) {
      throw new Refused(
          line(next().getStartMark()),
          "holds more than one document; put each workflow into a file of its own");
    }
    return root;
  }

  private Event next() {
    return parser.next();
  }

  private Yaml value(Event event, int depth) {
    int line = line(event.getStartMark());
    if (depth > MAX_DEPTH) {
      throw new Refused(line, "nests deeper than " + MAX_DEPTH + " levels");
    }
    if (++values > MOST_VALUES) {
      throw new Refused(line, "holds more than " + MOST_VALUES + " values; split it");
    }
    if (event instanceof AliasEvent
        || (event instanceof NodeEvent node && node.getAnchor().isPresent())) {
      throw new Refused(
          line, "uses an anchor or alias (& or *), which is not supported; write the value out");
    }
    if (event instanceof ScalarEvent scalar) {
      refuseTag(scalar.getTag(), line);
      return scalar.isPlain() && NULLS.contains(scalar.getValue())
          ? new Yaml.Nothing(line)
          : new Yaml.Scalar(line, scalar.getValue());
    }
    if (event instanceof CollectionStartEvent start) {
      refuseTag(start.getTag(), line);
    }
    return event.getEventId() == Event.ID.MappingStart
        ? mapping(line, depth)
        : sequence(line, depth);
  }

  private Yaml mapping(int line, int depth) {
    var entries = new LinkedHashMap<String, Yaml.Entry>();
    for (Event key = next(); key.getEventId() != Event.ID.MappingEnd; key = next()) {
      Yaml name = value(key, depth + 1);
      if (!(name instanceof Yaml.Scalar(int at, String text))) {
        throw new Refused(name.line(), "has a key that is " + name.noun() + "; write a name");
      }
      if (text.equals("<<")) {
        throw new Refused(at, "uses a merge key (<<), which is not supported; write the keys out");
      }
      var entry = new Yaml.Entry(at, value(next(), depth + 1));
      Yaml.Entry earlier = entries.putIfAbsent(text, entry);
      if (earlier != null) {
        throw new Refused(
            at,
            "has the key "
                + Quote.of(text)
                + " twice, first in line "
                + earlier.line()
                + "; remove one");
      }
    }
    return new Yaml.Mapping(line, entries);
  }

  private Yaml sequence(int line, int depth) {
    var items = new ArrayList<Yaml>();
    for (Event item = next(); item.getEventId() != Event.ID.SequenceEnd; item = next()) {
      items.add(value(item, depth + 1));
    }
    return new Yaml.Sequence(line, items);
  }

  private static void refuseTag(Optional<String> tag, int line) {
    if (tag.isPresent()) {
      throw new Refused(
          line,
          "uses the tag "
              + Quote.of(tag.get().replace("tag:yaml.org,2002:", "!!"))
              + "; tags are not supported, remove it");
    }
  }

  private static int line(Optional<Mark> mark) {
    return mark.map(m -> m.getLine() + 1).orElse(0);
  }
}
