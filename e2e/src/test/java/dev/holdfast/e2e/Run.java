package dev.holdfast.e2e;

import dev.holdfast.model.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the API's description of a run. */
record Run(Json json) {
  String id() {
    return Api.string(json, "id");
  }

  String state() {
    return Api.string(json, "state");
  }

  Json job(String key) {
    return Api.list(json, "jobs").stream()
        .filter(job -> Api.string(job, "key").equals(key))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no job " + key + " in " + json));
  }

  Map<String, String> states() {
    var states = new LinkedHashMap<String, String>();
    Api.list(json, "jobs").forEach(j -> states.put(Api.string(j, "key"), Api.string(j, "state")));
    return states;
  }

  List<Json> attempts(String key) {
    return Api.list(job(key), "attempts");
  }

  String lastAttempt(String key) {
    return Api.string(attempts(key).getLast(), "id");
  }
}
