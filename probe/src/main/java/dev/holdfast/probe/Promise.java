package dev.holdfast.probe;

/** The promises that an attack can be made on. The numbers are those of the whole product. */
public enum Promise {
  P1("nothing survives the job"),
  P2("code from a stranger waits"),
  P3("the wall is a real one"),
  P4("the internal network is out of reach"),
  P5("secrets are handed over, not left lying about"),
  P6("the relay learns nothing"),
  P7("everything that mattered is on record"),
  P8("it says what it cannot promise");

  private final String says;

  Promise(String says) {
    this.says = says;
  }

  /** The promise in one line. */
  public String says() {
    return says;
  }
}
