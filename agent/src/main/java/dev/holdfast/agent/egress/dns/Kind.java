package dev.holdfast.agent.egress.dns;

import java.util.Arrays;
import java.util.Optional;

/**
 * The record types that a job is told. Builds connect to names; whatever else can be asked (TXT,
 * NULL, HTTPS with its address hints, signatures) serves to carry data past the filter, or around
 * it, and is answered as if there were none.
 */
enum Kind {
  A(1),
  CNAME(5),
  AAAA(28),
  SRV(33);

  private final int code;

  Kind(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  static Optional<Kind> of(int code) {
    return Arrays.stream(values()).filter(k -> k.code == code).findFirst();
  }
}
