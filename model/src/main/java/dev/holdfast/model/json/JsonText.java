package dev.holdfast.model.json;

import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;

/**
 * Reads and writes JSON text. Reading is strict: one value and nothing after it, no duplicate
 * fields, no depth beyond {@value #MAX_DEPTH}, no field name longer than {@value #MAX_NAME}
 * characters. Thread-safe.
 */
public final class JsonText {
  /** Deeper than any document of ours nests; keeps hostile input from exhausting the stack. */
  private static final int MAX_DEPTH = 64;

  private static final int MAX_NAME = 1024;

  /**
   * Values in one document. A tree takes some 30 bytes for each, so that hostile text of a few
   * megabytes cannot become hundreds of megabytes of heap.
   */
  private static final int MOST_VALUES = 200_000;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNameLength(MAX_NAME)
                  .maxNumberLength(64)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private JsonText() {}

  /**
   * The value that {@code text} holds.
   *
   * @throws MalformedJson with line and column if it is not one JSON value
   */
  public static Json parse(String text) {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      return document(parser);
    } catch (JacksonException e) {
      throw malformed(e);
    }
  }

  /** As {@link #parse(String)}, from UTF-8. */
  public static Json parse(byte[] utf8) {
    try {
      // Strictly: the parser itself would also take UTF-16 and UTF-32, which reviewers cannot read.
      return parse(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString());
    } catch (CharacterCodingException e) {
      throw new MalformedJson("", "is not UTF-8 text");
    }
  }

  /** {@code value} on one line. */
  public static String compact(Json value) {
    return write(value, ObjectWriteContext.empty());
  }

  /** {@link #compact} as UTF-8. */
  public static byte[] utf8(Json value) {
    return compact(value).getBytes(StandardCharsets.UTF_8);
  }

  /** {@code value} indented by two spaces, one item a line, ending in a newline: made for diffs. */
  public static String pretty(Json value) {
    var indenter = new DefaultIndenter("  ", "\n");
    var printer =
        new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter);
    var context =
        new ObjectWriteContext.Base() {
          @Override
          public tools.jackson.core.PrettyPrinter getPrettyPrinter() {
            return printer.createInstance();
          }
        };
    return write(value, context) + "\n";
  }

  private static String write(Json value, ObjectWriteContext context) {
    var out = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(context, out)) {
      write(value, generator);
    }
    return out.toString();
  }

  private static void write(Json value, JsonGenerator out) {
    switch (value) {
      case Json.Obj(var fields) -> {
        out.writeStartObject();
        fields.forEach((name, field) -> {
          out.writeName(name);
          write(field, out);
        });
        out.writeEndObject();
      }
      case Json.Arr(var items) -> {
        out.writeStartArray();
        items.forEach(item -> write(item, out));
        out.writeEndArray();
      }
      case Json.Str(var text) -> out.writeString(text);
      case Json.Num(var literal) -> out.writeNumber(literal);
      case Json.Bool(var bool) -> out.writeBoolean(bool);
      case Json.Null() -> out.writeNull();
    }
  }

  private static Json document(JsonParser parser) {
    JsonToken first = parser.nextToken();
    if (first == null) {
      throw new MalformedJson("", "is empty; expected JSON");
    }
    Json value = value(parser, first, new int[] {MOST_VALUES});
    if (parser.nextToken() != null) {
      throw new MalformedJson("", "has something after its end, " + place(parser));
    }
    return value;
  }

  private static Json value(JsonParser parser, JsonToken token, int[] left) {
    if (--left[0] < 0) {
      throw new MalformedJson("", "holds more than " + MOST_VALUES + " values");
    }
    return switch (token) {
      case START_OBJECT -> {
        var fields = new LinkedHashMap<String, Json>();
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
          fields.put(name, value(parser, parser.nextToken(), left));
        }
        yield new Json.Obj(fields);
      }
      case START_ARRAY -> {
        var items = new ArrayList<Json>();
        for (JsonToken next = parser.nextToken();
            next != JsonToken.END_ARRAY;
            next = parser.nextToken()) {
          items.add(value(parser, next, left));
        }
        yield new Json.Arr(items);
      }
      case VALUE_STRING -> new Json.Str(whole(parser.getString()));
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Json.Num(parser.getString());
      case VALUE_TRUE -> new Json.Bool(true);
      case VALUE_FALSE -> new Json.Bool(false);
      case VALUE_NULL -> Json.NULL;
      case END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
          throw new MalformedJson("", "is not JSON, " + place(parser));
    };
  }

  /** Half a surrogate pair has no UTF-8 form: two such texts would look and hash alike. */
  private static String whole(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        if (Character.isLowSurrogate(c)
            || i + 1 == text.length()
            || !Character.isLowSurrogate(text.charAt(i + 1))) {
          throw new MalformedJson("", "holds half a character (an unpaired surrogate)");
        }
        i++;
      }
    }
    return text;
  }

  private static String place(JsonParser parser) {
    var at = parser.currentTokenLocation();
    return "line " + at.getLineNr() + ", column " + at.getColumnNr();
  }

  private static MalformedJson malformed(JacksonException e) {
    var at = e.getLocation();
    String where = at == null ? "" : ", line " + at.getLineNr() + ", column " + at.getColumnNr();
    String what = e.getOriginalMessage();
    int end = what.indexOf('\n');
    String line = end < 0 ? what : what.substring(0, end);
    return new MalformedJson("", "is not valid JSON: " + Quote.line(line, 200) + where);
  }
}
