package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.orchestrator.access.Caller;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.web.Gate;
import dev.holdfast.orchestrator.web.Router;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** The organisations that repositories are of, and what is kept for each. */
final class OrganisationsPage {
  private final Gate gate;
  private final Database database;

  OrganisationsPage(Gate gate, Database database) {
    this.gate = gate;
    this.database = database;
  }

  record Line(Place place, List<String> repositories) {}

  record View(List<Line> lines) {}

  void on(Router router) {
    router.installation(
        Permission.VIEW, HandlerType.GET, Settings.PATH + "/organisations", this::show);
  }

  private void show(Context ctx) {
    Caller caller = gate.caller(ctx);
    var repositories = new TreeMap<String, List<String>>();
    database.read(s ->
        s.list(
            "SELECT organisation, name FROM repository WHERE organisation IS NOT NULL AND"
                + " removed_at IS NULL ORDER BY name",
            row ->
                repositories
                    .computeIfAbsent(row.text("organisation"), _ -> new ArrayList<>())
                    .add(row.text("name"))));
    var view =
        new View(
            repositories.entrySet().stream()
                .map(one -> new Line(Place.ofOrganisation(one.getKey(), caller), one.getValue()))
                .toList());
    Html.answer(
        ctx,
        (out, none) ->
            JteorganisationsGenerated.render(
                out, none, Settings.of(ctx, "Organisations", "organisations"), view));
  }
}
