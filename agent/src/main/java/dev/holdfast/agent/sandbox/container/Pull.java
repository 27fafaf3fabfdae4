package dev.holdfast.agent.sandbox.container;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.PullResponseItem;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Hears how a pull goes. The client's own callbacks would print a failure's stack trace. */
final class Pull implements ResultCallback<PullResponseItem> {
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile @Nullable Closeable stream;
  private volatile @Nullable String failure;

  /** Why it failed; empty if it did not. */
  Optional<String> await(int minutes) throws InterruptedException {
    if (!over.await(minutes, TimeUnit.MINUTES)) {
      return Optional.of("pulling it takes longer than " + minutes + " minutes");
    }
    return Optional.ofNullable(failure);
  }

  @Override
  public void onStart(Closeable opened) {
    stream = opened;
  }

  @Override
  public void onNext(PullResponseItem item) {
    var error = item.getErrorDetail();
    if (error != null && error.getMessage() != null) {
      failure = error.getMessage();
    }
  }

  @Override
  public void onError(Throwable e) {
    failure = Failures.line(e);
    over.countDown();
  }

  @Override
  public void onComplete() {
    over.countDown();
  }

  @Override
  public void close() throws IOException {
    Closeable opened = stream;
    if (opened != null) {
      opened.close();
    }
  }
}
