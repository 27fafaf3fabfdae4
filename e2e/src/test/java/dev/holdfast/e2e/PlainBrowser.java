package dev.holdfast.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.CookieManager;
import java.net.HttpCookie;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A browser without scripts, as far as pages need one: it keeps cookies, is sent on, follows links
 * and sends forms with what is hidden in them, and says where a form was.
 */
final class PlainBrowser implements AutoCloseable {
  private static final Pattern HIDDEN =
      Pattern.compile("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\">");

  private final CookieManager cookies = new CookieManager();
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NORMAL)
          .cookieHandler(cookies)
          .build();
  private HttpResponse<String> page;

  /** Opens an address; the page that it leads to is shown. */
  PlainBrowser(URI address) throws Exception {
    page = sent(to(address).GET());
  }

  String text() {
    return page.body();
  }

  /** What its cookies hold. */
  List<String> cookies() {
    return cookies.getCookieStore().getCookies().stream().map(HttpCookie::getValue).toList();
  }

  URI address() {
    return page.uri();
  }

  /** Follows the one link of the page whose address matches {@code pattern}. */
  void follow(String pattern) throws Exception {
    Matcher link = Pattern.compile("href=\"(" + pattern + ")\"").matcher(page.body());
    assertThat(link.find())
        .as("a link to " + pattern + " in " + page.statusCode() + page.body())
        .isTrue();
    page = sent(to(page.uri().resolve(link.group(1))).GET());
  }

  /** Sends the form of the page whose action ends so, with what is entered besides. */
  void send(String action, Map<String, String> entered) throws Exception {
    Matcher form =
        Pattern.compile(
                "<form[^>]* action=\"([^\"]*" + Pattern.quote(action) + ")\"[^>]*>(.*?)</form>",
                Pattern.DOTALL)
            .matcher(page.body());
    assertThat(form.find()).as("a form for " + action + " in " + page.body()).isTrue();
    var fields = new LinkedHashMap<String, String>();
    Matcher hidden = HIDDEN.matcher(form.group(2));
    while (hidden.find()) {
      fields.put(hidden.group(1), hidden.group(2));
    }
    fields.putAll(entered);
    String body =
        fields.entrySet().stream()
            .map(each -> encoded(each.getKey()) + "=" + encoded(each.getValue()))
            .collect(Collectors.joining("&"));
    page =
        sent(
            to(page.uri().resolve(form.group(1)))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Origin", page.uri().getScheme() + "://" + page.uri().getAuthority())
                .header("Sec-Fetch-Site", "same-origin")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private static HttpRequest.Builder to(URI address) {
    return HttpRequest.newBuilder(address)
        .timeout(Duration.ofSeconds(30))
        .header("Accept", "text/html");
  }

  private HttpResponse<String> sent(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    http.close();
  }
}
