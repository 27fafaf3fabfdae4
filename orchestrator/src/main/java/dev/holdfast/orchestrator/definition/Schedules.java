package dev.holdfast.orchestrator.definition;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinition;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.parser.CronParser;
import dev.holdfast.model.definition.Problem;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.json.Quote;
import java.util.ArrayList;
import java.util.List;

/** Checks what the model cannot, since it has no cron parser: that schedules can come true. */
public final class Schedules {
  private static final CronDefinition UNIX =
      CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX);

  private Schedules() {}

  /**
   * Reads a schedule, the same way for whoever refuses it and whoever waits for its time.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Cron parse(String cron) {
    return new CronParser(UNIX).parse(cron);
  }

  static List<Problem> problems(List<Workflow> workflows) {
    var found = new ArrayList<Problem>();
    for (Workflow workflow : workflows) {
      for (int i = 0; i < workflow.on().size(); i++) {
        if (workflow.on().get(i) instanceof Trigger.Schedule(String cron)) {
          try {
            parse(cron).validate();
          } catch (IllegalArgumentException e) {
            found.add(
                new Problem(
                    "workflows[" + workflow.name() + "].on[" + i + "].cron",
                    "the schedule " + Quote.of(cron) + " makes no sense: " + cause(e)));
          }
        }
      }
    }
    return found;
  }

  private static String cause(Throwable e) {
    Throwable deepest = e;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    String line = String.valueOf(deepest.getMessage()).lines().findFirst().orElse("");
    return line.length() <= 150 ? line : line.substring(0, 150) + "…";
  }
}
