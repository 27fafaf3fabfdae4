package dev.holdfast.orchestrator.definition;

import dev.holdfast.model.definition.JobApproval;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.Records;
import java.util.LinkedHashMap;
import java.util.List;

/** {@code approval:} of a job or a step, as {@link FriendlyForm} does the rest. */
final class ApprovalForm {
  private static final List<String> APPROVAL = Records.fieldNames(JobApproval.class);

  private final FriendlyForm form;

  ApprovalForm(FriendlyForm form) {
    this.form = form;
  }

  /** A number says how many, another text why one; a map says both. */
  Json approval(Yaml yaml, At at) {
    var fields = new LinkedHashMap<String, Json>();
    fields.put("count", Json.Num.of(1));
    if (yaml instanceof Yaml.Scalar(int line, String text)) {
      if (ServiceForm.isNumber(text)) {
        fields.put("count", ServiceForm.number(line, text, at, "how many, as 2"));
      } else if (text.matches("(?i)true|false|yes|no|on|off")) {
        // Whoever writes "false" means that nobody is asked, and does not find out that it waits.
        throw new Refused(
            line,
            at.spoken()
                + ": is "
                + text
                + "; write what those are told who are asked, as \"deploys to production\", or leave"
                + " it out");
      } else {
        fields.put("reason", form.text(yaml, at));
      }
      return new Json.Obj(fields);
    }
    fields.putAll(
        form.fields(
            yaml,
            at,
            at.spoken(),
            APPROVAL,
            (value, field) ->
                field.path().endsWith(".count")
                        && value instanceof Yaml.Scalar(int line, String text)
                    ? ServiceForm.number(line, text, field, "how many, as 2")
                    : form.text(value, field)));
    return new Json.Obj(fields);
  }
}
