package dev.holdfast.orchestrator.run;

import dev.holdfast.orchestrator.db.Session;
import java.sql.SQLException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the services of attempts ran in, by the services' names. */
public final class ServiceImages {
  private ServiceImages() {}

  static void keep(Session session, String attempt, Map<String, String> images)
      throws SQLException {
    for (var image : images.entrySet()) {
      session.update(
          "INSERT INTO service (attempt_id, name, image) VALUES (?, ?, ?) ON CONFLICT (attempt_id,"
              + " name) DO UPDATE SET image = excluded.image",
          attempt,
          image.getKey(),
          image.getValue());
    }
  }

  /** Of one attempt. */
  public static Map<String, String> of(Session session, String attempt) throws SQLException {
    var found = new LinkedHashMap<String, String>();
    session.list(
        "SELECT name, image FROM service WHERE attempt_id = ? ORDER BY name",
        row -> found.put(row.text("name"), row.text("image")),
        attempt);
    return Collections.unmodifiableMap(found);
  }

  /** Of the newest attempts at the same job that came before {@code attempt}. */
  public static Map<String, String> before(Session session, Attempt attempt) throws SQLException {
    var found = new LinkedHashMap<String, String>();
    session.list(
        "SELECT service.name, service.image FROM service JOIN attempt ON attempt.id ="
            + " service.attempt_id WHERE attempt.job_id = ? AND attempt.fence < ? ORDER BY"
            + " attempt.fence",
        row -> found.put(row.text("name"), row.text("image")),
        attempt.job(),
        attempt.fence());
    return Collections.unmodifiableMap(found);
  }
}
