package dev.holdfast.runner;

import static dev.holdfast.runner.TestAgent.run;
import static dev.holdfast.runner.TestAgent.sh;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.TimeLimit;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.channel.FrameKind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LogTest {
  @Test
  void a_hundred_megabytes_of_lines_are_complete_and_in_order() throws IOException {
    // 12.5 million lines of 8 bytes; the expected text is made here, byte for byte.
    int lines = 12_500_000;

    var heard = run(sh("lots", "seq -f %07.0f 0 9999999; seq -f %07.0f 0 2499999"));

    assertThat(heard.outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(heard.log()).hasSize(lines * 8);
    var expected = new CRC32();
    byte[] line = new byte[8];
    line[7] = '\n';
    for (int i = 0; i < lines; i++) {
      int n = i % 10_000_000;
      for (int d = 6; d >= 0; d--) {
        line[d] = (byte) ('0' + n % 10);
        n /= 10;
      }
      expected.update(line);
    }
    var found = new CRC32();
    found.update(heard.log());
    assertThat(found.getValue()).isEqualTo(expected.getValue());
  }

  @Test
  void a_line_of_ten_megabytes_without_an_end_is_complete() throws IOException {
    var heard =
        run(sh("long", "head -c 10485760 /dev/zero | tr '\\0' x"), sh("b", "echo; echo end"));

    assertThat(heard.log()).hasSize(10_485_760 + 5);
    assertThat(heard.log()[10_485_759]).isEqualTo((byte) 'x');
    assertThat(heard.text()).endsWith("x\nend\n");
  }

  @Test
  void the_first_bytes_come_at_once() throws IOException {
    var times = new ArrayList<Long>();
    try (var agent = new TestAgent()) {
      agent.hello();
      agent.send(TestAgent.order(agent.workspace, sh("two", "printf a; sleep 1; printf b")));
      agent.hear(frame -> {
        if (frame.kind() == FrameKind.LOG) {
          times.add(System.nanoTime());
        }
      });
    }

    assertThat(times).hasSize(2);
    assertThat(Duration.ofNanos(times.get(1) - times.get(0))).isGreaterThan(Duration.ofMillis(900));
  }

  @Test
  void a_process_left_behind_that_holds_the_output_open_holds_up_nothing() throws IOException {
    long start = System.nanoTime();

    var heard = run(sh("server", "echo up; sleep 5 & echo said"), sh("next", "echo next"));

    assertThat(heard.text()).isEqualTo("up\nsaid\nnext\n");
    assertThat(heard.outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
  }

  @Test
  void a_process_left_behind_that_never_stops_writing_holds_up_nothing() throws IOException {
    var heard =
        run(
            sh("flood", "yes no & echo $! > flood.pid; echo last", new TimeLimit("20s")),
            // It may have ended by itself, when nobody read its output any more.
            sh("next", "echo; echo next; kill $(cat flood.pid) 2>&- || true"));

    assertThat(heard.results())
        .containsExactly(new StepResult.Succeeded(), new StepResult.Succeeded());
    assertThat(heard.text()).contains("last\n").endsWith("\nnext\n");
  }

  @Test
  void a_step_that_closes_its_output_and_goes_on_is_waited_for() throws IOException {
    var heard = run(sh("mute", "exec >/dev/null 2>&1; sleep 1; exit 4"));

    assertThat(heard.results()).containsExactly(new StepResult.Failed(4, "exit code 4"));
  }
}
