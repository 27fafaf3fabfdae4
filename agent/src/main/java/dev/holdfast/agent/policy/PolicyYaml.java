package dev.holdfast.agent.policy;

import dev.holdfast.model.json.Quote;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** A value of {@code agent.yaml} that knows its line. Scalars stay as they were written. */
sealed interface PolicyYaml {
  int MOST_DEPTH = 12;

  /** Counted from 1. */
  int line();

  /** What an error calls it. */
  String shown();

  record Mapping(int line, LinkedHashMap<String, PolicyYaml> entries) implements PolicyYaml {
    @Override
    public String shown() {
      return "a map";
    }
  }

  record Sequence(int line, List<PolicyYaml> items) implements PolicyYaml {
    @Override
    public String shown() {
      return "a list";
    }
  }

  record Text(int line, String text) implements PolicyYaml {
    @Override
    public String shown() {
      return Quote.of(text);
    }
  }

  /** The map that {@code text}, the content of {@code file}, is. */
  static Mapping read(Path file, String text) throws BadPolicy {
    var settings =
        LoadSettings.builder()
            .setLabel(String.valueOf(file.getFileName()))
            .setAllowDuplicateKeys(false)
            .build();
    try {
      Optional<Node> root = new Compose(settings).composeString(text);
      if (root.isPresent() && of(file, root.get(), 0) instanceof Mapping mapping) {
        return mapping;
      }
      throw new BadPolicy(
          file
              + ":1: is not a map with keys accept, images, limits, keep, process, system, microvm,"
              + " egress");
    } catch (MarkedYamlEngineException e) {
      throw new BadPolicy(
          file + ":" + line(e.getProblemMark()) + ": is not valid YAML: " + e.getProblem(), e);
    } catch (YamlEngineException e) {
      throw new BadPolicy(file + ": is not valid YAML: " + Quote.of(String.valueOf(e)), e);
    }
  }

  private static PolicyYaml of(Path file, Node node, int depth) throws BadPolicy {
    int line = line(node.getStartMark());
    if (depth > MOST_DEPTH) {
      throw new BadPolicy(file + ":" + line + ": nests deeper than " + MOST_DEPTH + " levels");
    }
    if (node.getAnchor().isPresent()) {
      throw new BadPolicy(
          file + ":" + line + ": uses an anchor (&), which is not supported; write the value out");
    }
    if (node instanceof ScalarNode scalar) {
      return new Text(line, scalar.getValue());
    }
    if (node instanceof SequenceNode sequence) {
      var items = new ArrayList<PolicyYaml>();
      for (Node item : sequence.getValue()) {
        items.add(of(file, item, depth + 1));
      }
      return new Sequence(line, items);
    }
    var entries = new LinkedHashMap<String, PolicyYaml>();
    for (NodeTuple tuple : ((MappingNode) node).getValue()) {
      int at = line(tuple.getKeyNode().getStartMark());
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw new BadPolicy(file + ":" + at + ": a key is not a word");
      }
      if (entries.put(key.getValue(), at(at, of(file, tuple.getValueNode(), depth + 1))) != null) {
        throw new BadPolicy(
            file + ":" + at + ": has the key " + Quote.of(key.getValue()) + " twice; remove one");
      }
    }
    return new Mapping(line, entries);
  }

  /** A value by the line of its key, which is where people look. */
  private static PolicyYaml at(int line, PolicyYaml value) {
    return switch (value) {
      case Mapping mapping -> new Mapping(line, mapping.entries());
      case Sequence sequence -> new Sequence(line, sequence.items());
      case Text text -> new Text(line, text.text());
    };
  }

  /** As maps, lists and texts. */
  static Map<String, Object> plain(Mapping mapping) {
    var found = new LinkedHashMap<String, Object>();
    mapping.entries().forEach((key, value) -> found.put(key, plain(value)));
    return found;
  }

  private static Object plain(PolicyYaml value) {
    return switch (value) {
      case Mapping mapping -> plain(mapping);
      case Sequence sequence -> sequence.items().stream().map(PolicyYaml::plain).toList();
      case Text text -> text.text();
    };
  }

  private static int line(Optional<Mark> mark) {
    return mark.map(m -> m.getLine() + 1).orElse(1);
  }
}
