package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.digest.Sha256;
import dev.holdfast.orchestrator.web.Problem;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What pages are made of besides their text. The address of each has a hash of its bytes, so that
 * browsers keep it for good and have the new one at once.
 */
final class Assets {
  private static final List<String> NAMES =
      List.of("app.css", "judge.css", "settings.css", "live.js", "log.js", "mark.svg");
  private static final int HASH = 16;
  private static final Map<String, Asset> BY_NAME = new LinkedHashMap<>();
  private static final Map<String, Asset> BY_FILE = new LinkedHashMap<>();

  private record Asset(String file, String type, byte[] bytes, byte[] zipped) {}

  static {
    for (String name : NAMES) {
      Asset asset = read(name);
      BY_NAME.put(name, asset);
      BY_FILE.put(asset.file(), asset);
    }
  }

  private Assets() {}

  /** Where browsers find the asset of this name. */
  static String url(String name) {
    return "/asset/"
        + Optional.ofNullable(BY_NAME.get(name))
            .orElseThrow(() -> new IllegalStateException("there is no asset " + name))
            .file();
  }

  static void answer(Context ctx) {
    Asset asset =
        Optional.ofNullable(BY_FILE.get(ctx.pathParam("file")))
            .orElseThrow(() -> new Problem(404, "there is no such part of a page; reload it"));
    boolean zip = Html.takesGzip(ctx);
    Html.headers(ctx);
    ctx.header("Cache-Control", "public, max-age=31536000, immutable")
        .header("Vary", "Accept-Encoding");
    if (zip) {
      ctx.header("Content-Encoding", "gzip");
    }
    Html.send(ctx, 200, asset.type(), zip ? asset.zipped() : asset.bytes());
  }

  private static Asset read(String name) {
    try (InputStream in = Assets.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing in this build");
      }
      byte[] bytes = in.readAllBytes();
      int dot = name.lastIndexOf('.');
      String kind = name.substring(dot + 1);
      return new Asset(
          name.substring(0, dot)
              + "."
              + HexFormat.of().formatHex(Sha256.of(bytes)).substring(0, HASH)
              + "."
              + kind,
          switch (kind) {
            case "css" -> "text/css; charset=utf-8";
            case "js" -> "text/javascript; charset=utf-8";
            case "svg" -> "image/svg+xml";
            default -> throw new IllegalStateException("nothing says what " + name + " is");
          },
          bytes,
          Html.zipped(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }
}
