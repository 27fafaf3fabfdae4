package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.chromium.Page;

/** That a page can be used and looked at by everybody, and what it looks like. */
final class Looks {
  private Looks() {}

  /** Light and dark, on a phone and on a desktop; screenshots are called {@code name}. */
  static void all(Page page, String name) {
    assertThat(page.axe()).as(name).isEmpty();
    page.screenshots(name);
    page.eachLook(look -> assertThat(page.fits()).as(name + " " + look).isTrue());
    assertThat(page.problems()).as(name).isEmpty();
  }
}
