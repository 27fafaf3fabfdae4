package dev.holdfast.orchestrator.web;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.json.Records;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;

/** Reads what was asked and writes what is answered. */
public final class Http {
  /** Of any body but a piece of log. */
  static final int MOST_BODY = 8 * 1024 * 1024;

  private Http() {}

  /** The body as a {@code type}. */
  static <T> T body(Context ctx, Class<T> type) {
    return Records.read(type, bytes(ctx, MOST_BODY));
  }

  /** The body, refused beyond {@code most} bytes however it is sent. */
  static byte[] bytes(Context ctx, int most) {
    if (ctx.req().getContentLengthLong() > most) {
      throw tooLarge(most);
    }
    try {
      InputStream in = ctx.req().getInputStream();
      int announced = (int) ctx.req().getContentLengthLong();
      if (announced >= 0) {
        byte[] bytes = new byte[announced];
        if (in.readNBytes(bytes, 0, announced) < announced) {
          throw new Problem(400, "the body ended early; send it again");
        }
        return bytes;
      }
      byte[] bytes = in.readNBytes(most + 1);
      if (bytes.length > most) {
        throw tooLarge(most);
      }
      return bytes;
    } catch (IOException e) {
      throw new Problem(400, "the body ended early; send it again");
    }
  }

  private static Problem tooLarge(int most) {
    String words = most < 1024 * 1024 ? most / 1024 + " KiB" : most / 1024 / 1024 + " MiB";
    return new Problem(413, "the body is over " + words + "; send less at a time");
  }

  static <T> void answer(Context ctx, Class<T> type, T value) {
    answer(ctx, 200, type, value);
  }

  static <T> void answer(Context ctx, int status, Class<T> type, T value) {
    byte[] bytes = Records.utf8(type, value);
    ctx.status(status).contentType("application/json");
    ctx.res().setContentLength(bytes.length);
    try {
      // Straight: the framework's own way copies through a stream and a buffer for each answer.
      ctx.res().getOutputStream().write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("the caller went away before it had its answer", e);
    }
  }

  public static Optional<String> query(Context ctx, String name) {
    return Optional.ofNullable(ctx.queryParam(name)).filter(value -> !value.isEmpty());
  }

  public static long number(Context ctx, String name, long least, long most, long initial) {
    Optional<String> given = query(ctx, name);
    if (given.isEmpty()) {
      return initial;
    }
    try {
      long value = Long.parseLong(given.get());
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException _) {
      // Refused below like a number out of range.
    }
    throw new Problem(
        400,
        name
            + " is "
            + Quote.of(given.get())
            + "; expected a number from "
            + least
            + (most == Long.MAX_VALUE ? " up" : " to " + most));
  }

  public static boolean flag(Context ctx, String name) {
    return switch (query(ctx, name).orElse("false")) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new Problem(400, name + " is neither true nor false");
    };
  }

  public static <E extends Enum<E>> Optional<E> constant(Context ctx, String name, Class<E> type) {
    return query(ctx, name)
        .map(text -> {
          for (E constant : type.getEnumConstants()) {
            if (word(constant).equals(text)) {
              return constant;
            }
          }
          throw new Problem(400, name + " is " + Quote.of(text) + ", which is no state");
        });
  }

  public static String word(Enum<?> constant) {
    return constant.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  public static Name name(Context ctx) {
    return new Name(ctx.pathParam("name"));
  }
}
