package dev.holdfast.bench.page;

import dev.holdfast.bench.figure.Figure;
import dev.holdfast.bench.figure.Samples;
import dev.holdfast.bench.figure.Unit;
import dev.holdfast.bench.setting.Measurement;
import dev.holdfast.bench.setting.Setting;
import dev.holdfast.chromium.Browser;
import java.io.IOException;
import java.util.List;

/**
 * What somebody waits for who looks at pages: a real server of the distribution, and a real
 * Chromium on the same machine that shares its processors.
 */
public final class PageCost implements Measurement {
  private static final String NAME = "pages";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void measure(Setting setting) throws Exception {
    if (!Browser.present()) {
      setting.report().skipped(NAME, "there is no chromium; script/setup test installs it");
      return;
    }
    part(setting, "line to screen", () -> LineToScreen.measure(setting));
    part(setting, "run page", () -> BigRun.measure(setting));
    part(setting, "long log", () -> LongLog.measure(setting));
    part(setting, "followers", () -> Followers.measure(setting));
  }

  private static void part(Setting setting, String what, Setting.Part part)
      throws InterruptedException {
    setting.part(
        NAME + ", " + what,
        () -> {
          try {
            part.measure();
          } catch (AssertionError e) {
            if (Thread.interrupted()) {
              throw new InterruptedException(e.getMessage());
            }
            // The browser's driver says so what does not come true in a page.
            throw new IOException(e.getMessage(), e);
          }
        });
  }

  static Figure figure(String what, Unit unit, List<Double> values) {
    return Figure.of(NAME, what, unit, new Samples(values));
  }
}
