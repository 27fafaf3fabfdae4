package dev.holdfast.model.secret;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.json.Records;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretUseTest {
  private static SecretUse use(String url, String as) {
    return SecretUse.parse(url, as, SecretUse.READING, List.of());
  }

  private static final SecretUse API =
      use("https://api.example.com/v1/", "Authorization: Bearer {}");

  @Test
  void itIsWhatPeopleWrite() {
    assertThat(API)
        .isEqualTo(
            new SecretUse(
                "api.example.com",
                443,
                "/v1/",
                List.of("GET", "HEAD"),
                "Authorization",
                "Bearer {}",
                List.of()));
    assertThat(API.described()).isEqualTo("GET,HEAD https://api.example.com/v1/ as Authorization");
    assertThat(use("https://API.example.com:8443", "Private-Token: {}").authority())
        .isEqualTo("api.example.com:8443");
    assertThat(Records.read(SecretUse.class, Records.write(SecretUse.class, API))).isEqualTo(API);
  }

  @Test
  void theHeaderHoldsTheValueAsItsFormSays() {
    byte[] value = "s3cret-value".getBytes(US_ASCII);
    assertThat(new String(API.filled(value), US_ASCII)).isEqualTo("Bearer s3cret-value");
    SecretUse basic = use("https://api.example.com/", "Authorization: Basic {ci:}");
    // ci:s3cret-value
    assertThat(new String(basic.filled(value), US_ASCII)).isEqualTo("Basic Y2k6czNjcmV0LXZhbHVl");
    assertThat(value).isEqualTo("s3cret-value".getBytes(US_ASCII));
  }

  @Test
  void aValueThatWouldEndTheHeaderIsUnfit() {
    assertThat(API.unfit("s3cret".getBytes(US_ASCII))).isEmpty();
    for (String bad : List.of("a\r\nHost: b", "a\nb", "a b", "a\0b", "a\tb", "a\u007f")) {
      assertThat(API.unfit(bad.getBytes(US_ASCII))).as(bad).isPresent();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://api.example.com/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://localhost/",
        "https://user:pw@api.example.com/",
        "https://api.example.com/?a=b",
        "https://api.example.com/#a",
        "https://api.example.com/v1/../",
        "https://api.example.com/v1%2f",
        "https://api.example.com//v1/",
        "https://api.example.com:0/",
        "https://exam_ple.com/",
        "//api.example.com/",
        "https:///v1/"
      })
  void noOtherPlaceCanBeNamed(String url) {
    assertThatThrownBy(() -> use(url, "Authorization: {}"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: {}",
        "Connection: {}",
        "Content-Length: {}",
        "Transfer-Encoding: {}",
        "Cookie: {}",
        "X-HTTP-Method-Override: {}",
        "X-Original-URL: {}",
        "Author ization: {}",
        "Authorization: Bearer",
        "Authorization: {} {}",
        "Authorization",
        "Authorization: a\r\nb{}"
      })
  void noOtherHeaderCanCarryIt(String as) {
    assertThatThrownBy(() -> use("https://api.example.com/", as))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authorization",
        "Cookie",
        "Proxy-Authorization",
        "Host",
        "Range",
        "X-Http-Method"
      })
  void whatIsAJobsOwnCredential_orMovesTheRequest_neverGoesAlong(String pass) {
    assertThatThrownBy(() ->
            SecretUse.parse(
                "https://api.example.com/", "Private-Token: {}", List.of("GET"), List.of(pass)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatIsBelowThePathIsWithin() {
    for (String rest :
        List.of("", "users", "users/", "a/b.c/d", "a?x=1&y=%2e%2e/..", "@a/b", "a%20b", "...")) {
      assertThat(API.refusal("GET", rest)).as(rest).isEmpty();
    }
    SecretUse one = use("https://api.example.com/hook", "Authorization: {}");
    assertThat(one.refusal("GET", "")).isEmpty();
    assertThat(one.refusal("GET", "?a=b")).isEmpty();
    assertThat(one.refusal("GET", "s")).isPresent();
    assertThat(one.refusal("GET", "/x")).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "..",
        "../v2/",
        "a/../../v2",
        "./x",
        "a/.",
        "..;/v2",
        "..;a=b/v2",
        ";/v2",
        "/v2",
        "a//b",
        "%2e%2e/v2",
        "%2E./v2",
        "..%2fv2",
        "a%2Fb",
        "..%5cv2",
        "..\\v2",
        "%252e%252e/v2",
        "%25",
        "a%00b",
        "a%0d%0aHost:b",
        "a%7fb",
        "a%3bb",
        "a%3fb",
        "a%23b",
        "a%",
        "a%2",
        "a%zz",
        "a#b",
        "a b",
        "a\tb",
        "a\r\nb",
        "a\u00e9b",
        "a<b",
        "a?x=%0d%0a",
        "a?x=%",
        "a?x#y"
      })
  void aPathThatCouldBeReadAsAnother_isNone(String rest) {
    assertThat(API.refusal("GET", rest)).isPresent();
  }

  @Test
  void anotherMethodIsNone() {
    for (String method : List.of("POST", "DELETE", "get", "TRACE", "CONNECT")) {
      assertThat(API.refusal(method, "")).as(method).isPresent();
    }
  }
}
