package dev.holdfast.model.secret;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MaskableTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                    | shorter than 8 bytes",
        "true                  | shorter than 8 bytes",
        "main                  | shorter than 8 bytes",
        "aB3$xY7               | shorter than 8 bytes",
        "'   aB3$xY7   '       | shorter than 8 bytes",
        "--------------------- | fewer than 4 different characters",
        "aaaaaaaabaaaaaaa      | fewer than 4 different characters",
        "x7Kqx7Kqx7K           | one piece over and over",
        "1234567890            | neighbouring characters",
        "hgfedcba              | neighbouring characters",
        "password              | a word that is in many logs",
        "Password123!          | a word that is in many logs",
        "undefined             | a word that is in many logs",
        "PRODUCTION            | a word that is in many logs",
        "2026-11-27            | a number, date, version or address",
        "2026-11-27T15:24:10Z  | a number, date, version or address",
        "192.168.100.21        | a number, date, version or address",
        "31415926535           | a number, date, version or address",
        "butterfly             | a single word",
        "Buchstabe             | a single word",
        "/usr/local/bin        | a path, host or address",
        "https://example.org/  | a path, host or address",
        "registry.example.org:5000 | a path, host or address",
        "build-output.tar      | a path, host or address",
      })
  void isRefused(String value, String why) {
    assertThat(Maskable.refusal(value.getBytes(StandardCharsets.UTF_8)))
        .hasValueSatisfying(reason -> {
          assertThat(reason).contains(why);
          assertThat(value.isBlank() || !reason.contains(value)).as("does not tell it").isTrue();
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "correct horse battery staple",
        "x7Kq2mP9",
        "4929123456781234",
        "postgres://app:s3cr3t-9x@db.example.org/app",
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqV\n-----END PRIVATE KEY-----\n",
        "{\"type\": \"service_account\", \"private_key_id\": \"9f8e7d\"}",
        "pässwörter-für-überall",
      })
  void isTaken(String value) {
    assertThat(Maskable.refusal(value.getBytes(StandardCharsets.UTF_8))).isEmpty();
  }

  @Test
  void bytesThatAreNoTextAreTakenUpToTheirLimit() {
    var random = new java.util.Random(5);
    byte[] longest = new byte[Maskable.LONGEST];
    random.nextBytes(longest);
    assertThat(Maskable.refusal(longest)).isEmpty();
    assertThat(Maskable.refusal(new byte[Maskable.LONGEST + 1]))
        .hasValueSatisfying(reason -> assertThat(reason).contains("longer than 64 KiB"));
  }
}
