package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.chromium.Page;

/** That a page can be used and looked at by everybody, and what it looks like. */
final class Looks {
  private static final int PHONE = 390;

  private Looks() {}

  /** Light and dark, on a phone and on a desktop; screenshots are called {@code name}. */
  static void all(Page page, String name) {
    assertThat(page.axe()).as(name).isEmpty();
    page.screenshots(name);
    page.eachLook(look -> {
      assertThat(page.fits()).as(name + " " + look).isTrue();
      if (look.endsWith("phone")) {
        // A phone that finds a page too wide makes its window wider, so that it would still fit.
        assertThat(Integer.parseInt(page.eval("document.documentElement.scrollWidth")))
            .as(name + " " + look)
            .isLessThanOrEqualTo(PHONE);
      }
    });
    assertThat(page.problems()).as(name).isEmpty();
  }
}
