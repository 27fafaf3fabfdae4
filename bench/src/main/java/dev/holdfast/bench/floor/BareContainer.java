package dev.holdfast.bench.floor;

import dev.holdfast.bench.host.Programs;
import dev.holdfast.bench.http.Address;
import dev.holdfast.bench.http.Connection;
import dev.holdfast.bench.installation.Doc;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A container engine, asked by its own API for a container that does nothing. */
public final class BareContainer {
  private static final byte[] NOTHING = {};

  private final Address engine;
  private final String image;

  /**
   * @param engine as {@code DOCKER_HOST} says it
   */
  public BareContainer(String engine, String image) {
    this.engine = Address.of(engine);
    this.image = image;
  }

  /**
   * Milliseconds from before the first call.
   *
   * @param started until the engine said that it is started
   * @param removed until it was waited for and removed
   */
  public record Took(double started, double removed) {}

  /**
   * Looks for what keeps this from being measured.
   *
   * @return empty if nothing does
   */
  public String hindrance() {
    try (Connection connection = Connection.open(engine, "")) {
      connection.get("/_ping").orThrow("the engine's ping");
      if (connection.get("/images/" + image + "/json").status() != 200) {
        return "the engine has no image " + image + "; script/lib/image import debian makes it";
      }
      return "";
    } catch (IOException | RuntimeException e) {
      return "no container engine answers (" + e.getMessage() + "); start one, or set DOCKER_HOST";
    }
  }

  /** Creates, starts, waits for and removes one. */
  public Took once() throws IOException {
    try (Connection connection = Connection.open(engine, "")) {
      long began = System.nanoTime();
      String id =
          Doc.of(
                  connection
                      .post("/containers/create", JsonText.utf8(body()))
                      .orThrow("creating a container")
                      .body())
              .text("Id");
      double started;
      try {
        call(connection, "POST", "/containers/" + id + "/start");
        started = Programs.millisSince(began);
        call(connection, "POST", "/containers/" + id + "/wait");
      } finally {
        call(connection, "DELETE", "/containers/" + id + "?force=true&v=true");
      }
      return new Took(started, Programs.millisSince(began));
    }
  }

  private static void call(Connection connection, String method, String path) throws IOException {
    connection.call(method, path, NOTHING).orThrow(method + " " + path);
  }

  private Json body() {
    var host = new LinkedHashMap<String, Json>();
    host.put("NetworkMode", new Json.Str("none"));
    var fields = new LinkedHashMap<String, Json>();
    fields.put("Image", new Json.Str(image));
    fields.put("Cmd", new Json.Arr(List.of(new Json.Str("/bin/true"))));
    fields.put("Labels", Json.Obj.of(Map.of("dev.holdfast.bench", new Json.Str("floor"))));
    fields.put("HostConfig", new Json.Obj(host));
    return new Json.Obj(fields);
  }
}
