package dev.holdfast.agent.use;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.agent.mask.MaskedLog;
import dev.holdfast.agent.mask.Masker;
import dev.holdfast.model.secret.SecretUse;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One request of a job and its answer. Nothing of the request is copied as it came: it is read, and
 * what goes on is written anew. A connection carries one, so that nothing can be smuggled behind
 * it.
 */
final class Exchange {
  static final int MOST_HEAD = 32 * 1024;
  static final long MOST_BODY = 1L << 30;

  /** In one step, so that each of them can be on record. */
  static final int MOST_REQUESTS = 1000;

  private static final int PIECE = 16 * 1024;
  private static final int MOST_INTERIM = 10;
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([1-5][0-9]{2})( .*)?");

  /** What is between two neighbours, and what the host would have a browser keep or show again. */
  private static final Set<String> KEPT_BACK =
      Set.of(
          "connection",
          "keep-alive",
          "transfer-encoding",
          "content-length",
          "te",
          "trailer",
          "upgrade",
          "alt-svc",
          "set-cookie",
          "set-cookie2",
          "content-location",
          "refresh",
          "authentication-info",
          "proxy-authenticate",
          "proxy-authentication-info");

  /** What came of a request to which the secret was added. */
  interface OnRecord {
    /**
     * Puts it on record, before anything of the answer goes to the job.
     *
     * @param status of the answer; 0 if none came
     */
    void used(String method, String path, int status) throws InterruptedException;
  }

  /** Tells of connections that have to end with the step. */
  interface Open {
    /**
     * Has it closed then.
     *
     * @throws IOException if that is now
     */
    void hold(Socket socket) throws IOException;
  }

  private final SecretUse use;
  private final String authority;
  private final String word;
  private final Doorway doorway;
  private final OnRecord record;
  private final Open open;
  private final AtomicInteger requests = new AtomicInteger();

  /**
   * @param authority where the job is answered
   * @param word by which the job's requests are known
   */
  Exchange(
      SecretUse use, String authority, String word, Doorway doorway, OnRecord record, Open open) {
    this.use = use;
    this.authority = authority;
    this.word = word;
    this.doorway = doorway;
    this.record = record;
    this.open = open;
  }

  /** Where the job's requests go. */
  String address() {
    return "http://" + authority + "/" + word + (use.path().endsWith("/") ? "/" : "");
  }

  /** Answers the one request that {@code job} carries. */
  void serve(Socket job, Usable usable) throws IOException, InterruptedException {
    var in = new BufferedInputStream(job.getInputStream());
    var out = new BufferedOutputStream(job.getOutputStream());
    try {
      UseRequest request = UseRequest.of(Head.read(in, MOST_HEAD), use, authority, word);
      if (requests.incrementAndGet() > MOST_REQUESTS) {
        throw new UseRequest.Refused(
            429, "a step uses a secret for " + MOST_REQUESTS + " requests at most");
      }
      try (Socket host = doorway.reach(use.host(), use.port())) {
        open.hold(host);
        forward(request, in, out, host, usable);
      }
    } catch (UseRequest.Refused e) {
      refuse(out, e.status(), e);
    } catch (BadMessage e) {
      refuse(out, 400, e);
    } catch (Doorway.NotReached e) {
      refuse(out, 502, e);
    }
  }

  private static void refuse(OutputStream out, int status, IOException why) throws IOException {
    byte[] text = ("holdfast: " + why.getMessage() + "\n").getBytes(UTF_8);
    out.write(
        ("HTTP/1.1 "
                + status
                + " refused\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: "
                + text.length
                + "\r\n\r\n")
            .getBytes(US_ASCII));
    out.write(text);
    out.flush();
  }

  private void forward(
      UseRequest request, InputStream in, OutputStream out, Socket host, Usable usable)
      throws IOException, InterruptedException {
    var to = new BufferedOutputStream(host.getOutputStream());
    var from = new BufferedInputStream(host.getInputStream());
    boolean answered = false;
    try {
      send(request, in, out, to, usable);
      Head answer = answer(from);
      int status = status(answer);
      answered = true;
      record.used(request.method(), request.path(), status);
      pass(request, answer, status, from, out, usable);
    } finally {
      if (!answered) {
        record.used(request.method(), request.path(), 0);
      }
    }
  }

  private void send(
      UseRequest request, InputStream in, OutputStream out, OutputStream to, Usable usable)
      throws IOException {
    var head = new StringBuilder();
    head.append(request.method()).append(' ').append(request.target()).append(" HTTP/1.1\r\n");
    field(head, "Host", use.authority());
    field(head, "Connection", "close");
    // What is packed could not be masked.
    field(head, "Accept-Encoding", "identity");
    request.fields().forEach(one -> field(head, one.name(), one.value()));
    switch (request.length()) {
      case Head.Length.Bytes(long count) -> field(head, "Content-Length", Long.toString(count));
      case Head.Length.Chunked() -> field(head, "Transfer-Encoding", "chunked");
      case Head.Length.Open() -> {
        // A request that says nothing of a body has none.
      }
    }
    head.append(use.header()).append(": ");
    to.write(head.toString().getBytes(ISO_8859_1));
    byte[] filled = use.filled(usable.value());
    try {
      to.write(filled);
    } finally {
      Arrays.fill(filled, (byte) 0);
    }
    to.write("\r\n\r\n".getBytes(US_ASCII));
    to.flush();
    if (request.length() instanceof Head.Length.Open) {
      return;
    }
    if (request.waitsToSend()) {
      out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(US_ASCII));
      out.flush();
    }
    boolean chunked = request.length() instanceof Head.Length.Chunked;
    var body = new Body(in, request.length());
    byte[] piece = new byte[PIECE];
    long sent = 0;
    for (int count = body.read(piece); count >= 0; count = body.read(piece)) {
      sent += count;
      if (sent > MOST_BODY) {
        throw new UseRequest.Refused(413, "a request has up to 1 GiB");
      }
      try {
        if (chunked) {
          Body.chunk(to, piece, count);
        } else {
          to.write(piece, 0, count);
        }
      } catch (IOException e) {
        // It may have said no before it heard all of it; that it did is in its answer.
        return;
      }
    }
    if (chunked) {
      Body.end(to);
    }
    to.flush();
  }

  private static void field(StringBuilder head, String name, String value) {
    head.append(name).append(": ").append(value).append("\r\n");
  }

  /** The answer itself, past those that say that it will come. */
  private Head answer(InputStream from) throws IOException {
    for (int i = 0; i < MOST_INTERIM; i++) {
      Head head;
      try {
        head = Head.read(from, MOST_HEAD);
      } catch (IOException e) {
        throw new Doorway.NotReached(use.authority() + " gave no answer: " + e.getMessage());
      }
      int status = status(head);
      if (status >= 200) {
        return head;
      }
      if (status == 101) {
        break;
      }
    }
    throw new Doorway.NotReached(use.authority() + " would speak another protocol");
  }

  private int status(Head head) throws Doorway.NotReached {
    Matcher line = STATUS.matcher(head.first());
    if (!line.matches()) {
      throw new Doorway.NotReached(use.authority() + " does not speak HTTP/1.1");
    }
    return Integer.parseInt(line.group(1));
  }

  private void pass(
      UseRequest request,
      Head answer,
      int status,
      InputStream from,
      OutputStream out,
      Usable usable)
      throws IOException {
    Masker masker = masker(usable);
    var head = new StringBuilder("HTTP/1.1 " + status + " answered\r\n");
    Head.Length length;
    try {
      length = answer.length();
      for (Head.Field one : passed(request, answer, status)) {
        if (masked(masker, one.name()).equals(one.name())) {
          field(head, one.name(), masked(masker, one.value()));
        }
      }
    } catch (BadMessage e) {
      throw new Doorway.NotReached(use.authority() + " answered wrongly: " + e.getMessage());
    }
    field(head, "Connection", "close");
    boolean without = request.method().equals("HEAD") || status == 204 || status == 304;
    if (!without) {
      field(head, "Transfer-Encoding", "chunked");
    }
    out.write(head.append("\r\n").toString().getBytes(ISO_8859_1));
    if (!without) {
      body(new Body(from, length), masker.log(), out);
    }
    out.flush();
  }

  /** A body that breaks off breaks off for the job as well: the end of the chunks is missing. */
  private void body(Body body, MaskedLog masked, OutputStream out) throws IOException {
    byte[] piece = new byte[PIECE];
    long received = 0;
    try {
      for (int count = body.read(piece); count >= 0; count = body.read(piece)) {
        received += count;
        if (received > MOST_BODY) {
          return;
        }
        byte[] harmless = masked.write(Arrays.copyOf(piece, count));
        Body.chunk(out, harmless, harmless.length);
      }
    } catch (BadMessage e) {
      return;
    }
    byte[] last = masked.settle();
    Body.chunk(out, last, last.length);
    Body.end(out);
  }

  private Masker masker(Usable usable) {
    byte[] filled = use.filled(usable.value());
    var masker = new Masker();
    try {
      masker.add(List.of(usable.value(), filled));
    } finally {
      Arrays.fill(filled, (byte) 0);
    }
    return masker;
  }

  private static String masked(Masker masker, String value) {
    return new String(
        masker.text(new String(value.getBytes(ISO_8859_1), UTF_8)).getBytes(UTF_8), ISO_8859_1);
  }

  private List<Head.Field> passed(UseRequest request, Head answer, int status) throws IOException {
    Optional<String> coding = answer.only("Content-Encoding");
    if (coding.isPresent() && !coding.get().toLowerCase(Locale.ROOT).equals("identity")) {
      throw new Doorway.NotReached(
          use.authority() + " packed what it was asked not to, so that it cannot be masked");
    }
    List<String> named =
        List.of(
            answer.only("Connection").orElse("").toLowerCase(Locale.ROOT).split("\\s*,\\s*", -1));
    var passed = new ArrayList<Head.Field>();
    for (Head.Field field : answer.fields()) {
      String name = field.name().toLowerCase(Locale.ROOT);
      if (name.equals("location")) {
        Optional<String> within = within(request.target(), answer.only("Location").orElse(""));
        if (within.isPresent()) {
          passed.add(new Head.Field("Location", within.get()));
        } else if (status / 100 == 3) {
          throw new Doorway.NotReached(
              use.authority() + " leads elsewhere, which is not passed on");
        }
      } else if (!KEPT_BACK.contains(name) && !named.contains(name)) {
        passed.add(field);
      }
    }
    return passed;
  }

  /** The job's own address for where {@code location} leads; empty if that is elsewhere. */
  private Optional<String> within(String target, String location) {
    URI to;
    try {
      to = new URI("https://" + use.authority() + target).resolve(new URI(location));
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
    boolean here =
        "https".equals(to.getScheme())
            && use.host().equalsIgnoreCase(to.getHost())
            && (to.getPort() < 0 ? 443 : to.getPort()) == use.port()
            && to.getRawUserInfo() == null
            && to.getRawPath().startsWith(use.path());
    if (!here) {
      return Optional.empty();
    }
    String rest =
        to.getRawPath().substring(use.path().length())
            + (to.getRawQuery() == null ? "" : "?" + to.getRawQuery());
    return use.refusal(use.methods().getFirst(), rest).isEmpty()
        ? Optional.of(address() + rest)
        : Optional.empty();
  }
}
