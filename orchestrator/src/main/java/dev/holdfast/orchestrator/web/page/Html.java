package dev.holdfast.orchestrator.web.page;

import gg.jte.html.HtmlInterceptor;
import gg.jte.html.HtmlTemplateOutput;
import gg.jte.html.OwaspHtmlTemplateOutput;
import gg.jte.output.StringOutput;
import io.javalin.http.Context;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPOutputStream;

/** Answers with pages, and with what browsers are told to refuse on them. */
final class Html {
  /** Nothing but what we serve ourselves, and no script or style within a page. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " form-action 'self'; frame-ancestors 'none'; base-uri 'none'; report-uri "
          + CspReports.PATH;

  private static final HtmlInterceptor NONE =
      new HtmlInterceptor() {
        @Override
        public void onHtmlTagOpened(
            String name, Map<String, Object> attributes, gg.jte.TemplateOutput output) {}

        @Override
        public void onHtmlTagClosed(String name, gg.jte.TemplateOutput output) {}
      };

  /**
   * What a browser says of a page that its user or a page of ours asked for. To others it is not
   * compressed: a site that has it fetched again and again, with words of its own choice in the
   * address, would learn from the lengths what else is there.
   */
  private static final Set<String> OURS = Set.of("same-origin", "none");

  /** Shorter ones are not worth it. */
  private static final int PACKET = 1400;

  private Html() {}

  /** A template with all that it is given. */
  @FunctionalInterface
  interface Body {
    void render(HtmlTemplateOutput out, HtmlInterceptor none);
  }

  static String text(Body body) {
    var out = new StringOutput(16 * 1024);
    body.render(new OwaspHtmlTemplateOutput(out), NONE);
    return out.toString();
  }

  static void answer(Context ctx, Body body) {
    answer(ctx, 200, body);
  }

  static void answer(Context ctx, int status, Body body) {
    headers(ctx);
    // Also for the way back: after sign-out nothing is to be seen of what was there.
    ctx.header("Cache-Control", "no-store");
    byte[] bytes = text(body).getBytes(StandardCharsets.UTF_8);
    boolean zip = bytes.length > PACKET && takesGzip(ctx) && OURS.contains(begunBy(ctx));
    if (zip) {
      ctx.header("Content-Encoding", "gzip");
    }
    send(ctx, status, "text/html; charset=utf-8", zip ? zipped(bytes) : bytes);
  }

  static boolean takesGzip(Context ctx) {
    return Optional.ofNullable(ctx.header("Accept-Encoding")).orElse("").contains("gzip");
  }

  private static String begunBy(Context ctx) {
    return Optional.ofNullable(ctx.header("Sec-Fetch-Site")).orElse("");
  }

  static byte[] zipped(byte[] bytes) {
    var zipped = new ByteArrayOutputStream(bytes.length / 4);
    try (var zip = new GZIPOutputStream(zipped)) {
      zip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot be written", e);
    }
    return zipped.toByteArray();
  }

  /** Sends a browser to another page of ours, which it asks for by GET. */
  static void go(Context ctx, String path) {
    headers(ctx);
    ctx.header("Cache-Control", "no-store").status(303).header("Location", path);
  }

  static void headers(Context ctx) {
    ctx.header("Content-Security-Policy", POLICY)
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "same-origin")
        .header("Cross-Origin-Opener-Policy", "same-origin")
        .header("Cross-Origin-Resource-Policy", "same-origin");
  }

  static void send(Context ctx, int status, String type, byte[] bytes) {
    ctx.status(status).contentType(type);
    ctx.res().setContentLength(bytes.length);
    try {
      ctx.res().getOutputStream().write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("the browser went away before it had its page", e);
    }
  }
}
