package dev.holdfast.orchestrator.access;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.MalformedJson;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Who somebody is at a forge or at a provider of OpenID Connect, asked with the code that their
 * browser was given.
 *
 * @param id the forge's immutable id
 * @param name for people
 */
public record ForgeAccount(String id, String name) {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int MOST_BYTES = 256 * 1024;

  /** Exchanges the code and asks whose it was. What the forge gave for it is thrown away. */
  static ForgeAccount ask(
      HttpClient http, SignInClient.OfForge client, String code, String verifier) {
    Json answer =
        send(
            http,
            client.name(),
            HttpRequest.newBuilder(URI.create(client.exchange()))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        form(
                            Map.of(
                                "grant_type",
                                "authorization_code",
                                "client_id",
                                client.id(),
                                "client_secret",
                                client.secret(),
                                "code",
                                code,
                                "code_verifier",
                                verifier,
                                "redirect_uri",
                                client.callback().toString())))));
    String token =
        text(answer, "access_token")
            .filter(given -> !given.isEmpty())
            .orElseThrow(() ->
                AccessRefused.forbidden(
                    client.name()
                        + " did not accept the sign-in"
                        + text(answer, "error").map(why -> ": " + printable(why)).orElse("")
                        + "; begin again"));
    Json user =
        send(
            http,
            client.name(),
            HttpRequest.newBuilder(URI.create(client.host().api() + "/user"))
                .header("Authorization", "Bearer " + token)
                .GET());
    String id =
        number(user, "id")
            .orElseThrow(() ->
                AccessRefused.forbidden(
                    client.name() + " names no id of the account; nothing was linked"));
    return new ForgeAccount(
        id, printable(text(user, "login").or(() -> text(user, "username")).orElse(id)));
  }

  static Json send(HttpClient http, String forge, HttpRequest.Builder request) {
    try {
      HttpResponse<InputStream> response =
          http.send(
              request
                  .header("Accept", "application/json")
                  .header("User-Agent", "holdfast")
                  .timeout(PATIENCE)
                  .build(),
              HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream in = response.body()) {
        byte[] bytes = in.readNBytes(MOST_BYTES);
        if (response.statusCode() != 200) {
          throw AccessRefused.unavailable(
              forge + " answered " + response.statusCode() + " to the sign-in; begin again");
        }
        return JsonText.parse(bytes);
      }
    } catch (MalformedJson e) {
      throw AccessRefused.forbidden(forge + " answered what is not JSON; nothing was linked");
    } catch (IOException e) {
      throw AccessRefused.unavailable(forge + " could not be asked who signed in; begin again");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw AccessRefused.unavailable("the orchestrator is shutting down; begin again later");
    }
  }

  static String form(Map<String, String> fields) {
    return fields.entrySet().stream()
        .map(field ->
            field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  static Optional<String> text(Json json, String name) {
    return json instanceof Json.Obj(var fields) && fields.get(name) instanceof Json.Str(var value)
        ? Optional.of(value)
        : Optional.empty();
  }

  /** A whole number above zero, as it is written. */
  private static Optional<String> number(Json json, String name) {
    return json instanceof Json.Obj(var fields)
            && fields.get(name) instanceof Json.Num(var literal)
            && literal.matches("[1-9][0-9]{0,14}")
        ? Optional.of(literal)
        : Optional.empty();
  }

  static String printable(String text) {
    String clean = text.replaceAll("[^\\x20-\\x7e]", "?");
    return clean.length() > 100 ? clean.substring(0, 100) : clean;
  }
}
