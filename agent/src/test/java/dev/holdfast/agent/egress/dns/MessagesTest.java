package dev.holdfast.agent.egress.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.agent.egress.rule.Ip;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What comes over the network is read strictly, whatever it is. */
class MessagesTest {
  /** {@code www.example.org A}, recursion desired. */
  private static final String QUESTION =
      "123401000001000000000000" + "03777777076578616d706c65036f726700" + "00010001";

  private static final String EDNS = "0000290400000000000000";

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  private static Query query(String text) throws BadMessage {
    return Query.parse(hex(text), text.length() / 2);
  }

  @Test
  void aQuestionIsRead() throws Exception {
    assertThat(query(QUESTION))
        .isEqualTo(new Query(0x1234, "www.example.org", 1, 512, true, false));
    String extended = QUESTION.substring(0, 20) + "0001" + QUESTION.substring(24) + EDNS;
    assertThat(query(extended))
        .isEqualTo(new Query(0x1234, "www.example.org", 1, 1024, true, true));
    assertThat(query(QUESTION.replace("777777", "575757")).name()).isEqualTo("www.example.org");
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          123481000001000000000000 03777777036f726700 00010001 | is no ordinary question
          123428000001000000000000 03777777036f726700 00010001 | is no ordinary question
          123401000002000000000000 03777777036f726700 00010001 | exactly one thing
          123401000000000000000000 03777777036f726700 00010001 | exactly one thing
          123401000001000100000000 03777777036f726700 00010001 | exactly one thing
          123401000001000000000002 03777777036f726700 00010001 | more than one additional
          123401000001000000000000 03777777036f726700 00010003 | does not ask about the internet
          123401000001000000000000 03777777036f726700 000100   | ends too early
          123401000001000000000000 03777777036f7267             | ends within a name
          123401000001000000000000 03777777036f726700 0001000100 | something after its end
          123401000001000000000000 c00c 00010001                | points forwards
          123401000001000000000000 03777777c01000 00010001      | points forwards
          123401000001000000000000 4077 00010001                | label of a length
          123401000001000000000000 03772e77036f726700 00010001 | other characters
          123401000001000000000000 03770077036f726700 00010001 | other characters
          123401000001000000000001 03777777036f726700 00010001 0000010400000000000000 | not EDNS
          123401000001000000000001 03777777036f726700 00010001 0000290400000100000000 | another version
          """)
  void whatIsNoQuestionIsRefused(String bytes, String why) {
    assertThatThrownBy(() -> query(bytes.replace(" ", "")))
        .isInstanceOf(BadMessage.class)
        .hasMessageContaining(why);
  }

  @Test
  void anAnswerIsTakenOnlyIfItAnswersTheQuestion() throws Exception {
    Query asked = query(QUESTION);
    byte[] answer =
        new Reply(0, List.of(address("www.example.org", "203.0.113.1"))).write(asked, 512);

    assertThat(Reply.parse(answer, answer.length, asked, 0x1234).reply().entries()).hasSize(1);
    assertThatThrownBy(() -> Reply.parse(answer, answer.length, asked, 0x1235))
        .hasMessageContaining("something else");
    Query other = new Query(0x1234, "www.example.com", 1, 512, true, false);
    assertThatThrownBy(() -> Reply.parse(answer, answer.length, other, 0x1234))
        .hasMessageContaining("another question");
    assertThatThrownBy(() -> Reply.parse(asked.forward(7), asked.forward(7).length, asked, 7))
        .hasMessageContaining("no answer");
  }

  @Test
  void onlyTheChainOfNamesIsTakenFromAnAnswer() throws Exception {
    Query asked = query(QUESTION);
    var reply =
        new Reply(
            0,
            List.of(
                address("bank.example.org", "203.0.113.66"),
                new Reply.Entry.Alias("www.example.org", 60, "edge.example.net"),
                address("edge.example.net", "203.0.113.1"),
                address("edge.example.net", "2001:db8::1"),
                new Reply.Entry.Alias("edge.example.net", 60, "www.example.org")));
    byte[] bytes = reply.write(asked, 65535);

    assertThat(Reply.parse(bytes, bytes.length, asked, 0x1234).reply().entries())
        .containsExactly(
            new Reply.Entry.Alias("www.example.org", 60, "edge.example.net"),
            address("edge.example.net", "203.0.113.1"),
            new Reply.Entry.Alias("edge.example.net", 60, "www.example.org"));
  }

  @Test
  void whatIsTooLongForADatagramIsSaidToBeCut() throws Exception {
    Query asked = query(QUESTION);
    var entries =
        java.util.stream.IntStream.range(0, 40)
            .<Reply.Entry>mapToObj(i -> address("www.example.org", "203.0.113." + i))
            .toList();
    byte[] bytes = new Reply(0, entries).write(asked, asked.size());

    assertThat(bytes.length).isLessThanOrEqualTo(512);
    assertThat(Reply.parse(bytes, bytes.length, asked, 0x1234).cut()).isTrue();
    byte[] whole = new Reply(0, entries).write(asked, 65535);
    assertThat(Reply.parse(whole, whole.length, asked, 0x1234).reply().entries()).hasSize(40);
  }

  @Test
  void servicesAreReadAndWritten() throws Exception {
    Query asked = new Query(1, "_http._tcp.example.org", 33, 512, true, false);
    var service = new Reply.Entry.Service("_http._tcp.example.org", 9, 1, 2, 80, "a.example.org");
    byte[] bytes = new Reply(0, List.of(service)).write(asked, 512);

    assertThat(Reply.parse(bytes, bytes.length, asked, 1).reply().entries())
        .containsExactly(service);
  }

  @Test
  void noBytesMakeTheReaderDoAnythingButRefuse() throws Exception {
    Query asked = query(QUESTION);
    byte[] answer =
        new Reply(
                0,
                List.of(
                    new Reply.Entry.Alias("www.example.org", 60, "edge.example.net"),
                    address("edge.example.net", "203.0.113.1")))
            .write(asked, 512);
    Random random = new Random(42);
    int taken = 0;
    for (int i = 0; i < 200_000; i++) {
      byte[] bytes =
          Arrays.copyOf(random.nextBoolean() ? answer : hex(QUESTION), 12 + random.nextInt(120));
      for (int change = random.nextInt(6); change > 0; change--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      if (random.nextInt(10) == 0) {
        random.nextBytes(bytes);
      }
      taken += reads(bytes, asked);
    }
    assertThat(taken).as("some of them are good").isPositive();
  }

  private static int reads(byte[] bytes, Query asked) {
    int taken = 0;
    try {
      Query query = Query.parse(bytes, bytes.length);
      assertThatCode(() -> query.forward(1)).doesNotThrowAnyException();
      taken++;
    } catch (BadMessage e) {
      assertThat(e).hasMessageNotContaining("null");
    }
    try {
      Reply.Heard heard = Reply.parse(bytes, bytes.length, asked, 0x1234);
      heard.reply().write(asked, 512);
      taken++;
    } catch (BadMessage e) {
      assertThat(e).hasMessageNotContaining("null");
    }
    return taken;
  }

  @Test
  void pointersCannotMakeALongReadOrALoop() {
    var out = new ByteArrayOutputStream();
    out.writeBytes(hex("123481800001" + "0001" + "00000000"));
    out.writeBytes(hex("03777777076578616d706c65036f726700" + "00010001"));
    out.writeBytes(hex("c021" + "00010001" + "0000003c" + "0004" + "cb007101"));
    byte[] bytes = out.toByteArray();

    assertThatThrownBy(() -> Reply.parse(bytes, bytes.length, query(QUESTION), 0x1234))
        .isInstanceOf(BadMessage.class);
  }

  private static Reply.Entry address(String owner, String address) {
    return new Reply.Entry.Address(owner, 60, Ip.of(address));
  }
}
