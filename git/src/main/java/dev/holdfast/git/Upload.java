package dev.holdfast.git;

import dev.holdfast.model.event.CommitId;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One commit of a mirror, with what came before it, as git's own protocol over HTTP gives it: every
 * other ref is hidden, and nothing can be asked for by its hash but this commit.
 *
 * <p>Spoken is version 0 of the protocol; in version 2 a client may ask for any object.
 */
public final class Upload {
  private final GitProcess process;
  private final Path mirror;
  private final CommitId commit;

  Upload(GitProcess process, Path mirror, CommitId commit) {
    this.process = process;
    this.mirror = mirror;
    this.commit = commit;
  }

  /** Writes the answer to {@code GET info/refs?service=git-upload-pack}. */
  public void advertise(OutputStream answer) throws GitFailed {
    process.converse(
        doing(),
        mirror,
        (in, out) -> {
          answer.write("001e# service=git-upload-pack\n0000".getBytes(StandardCharsets.US_ASCII));
          return out.transferTo(answer);
        },
        command("--http-backend-info-refs"));
  }

  /** Writes the answer to {@code POST git-upload-pack}. */
  public void serve(byte[] request, OutputStream answer) throws GitFailed {
    process.converse(
        doing(),
        mirror,
        (in, out) -> {
          // Beside: git answers while it is still being asked, and neither side may wait.
          CompletableFuture<Void> asked =
              CompletableFuture.runAsync(() -> ask(request, in), Thread::startVirtualThread);
          long sent = out.transferTo(answer);
          asked.join();
          return sent;
        },
        command("--stateless-rpc"));
  }

  private static void ask(byte[] request, OutputStream in) {
    try (in) {
      in.write(request);
    } catch (IOException e) {
      if (!brokenPipe(e)) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Git ended before it read everything; it has said why in its answer. */
  private static boolean brokenPipe(IOException e) {
    return String.valueOf(e.getMessage()).contains("Broken pipe")
        || String.valueOf(e.getMessage()).contains("Stream closed");
  }

  private String doing() {
    return "send " + commit.abbreviated() + " of " + mirror;
  }

  private List<String> command(String mode) {
    return List.of(
        "-c",
        "uploadpack.allowAnySHA1InWant=false",
        "-c",
        "uploadpack.hideRefs=HEAD",
        "-c",
        "uploadpack.hideRefs=refs/",
        "-c",
        "uploadpack.hideRefs=!refs/holdfast/" + commit,
        "upload-pack",
        "--strict",
        mode,
        ".");
  }
}
