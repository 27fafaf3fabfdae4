package dev.holdfast.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TableTest {
  @Test
  void alignsColumnsWhateverIsInThem() {
    var table = new Table(new Style(false), "NAME", "STATE", "END");
    table.cell("a").state("failed").cell("x").end();
    table.cell("名前").state("ok").cell("y").end();
    table.cell("").state("").cell("z").end();
    table.cell("longer-name").end();
    assertThat(table.lines())
        .containsExactly(
            "NAME         STATE   END",
            "a            failed  x",
            "名前         ok      y",
            "                     z",
            "longer-name");
  }

  @Test
  void coloursDoNotMoveColumnsAndHostileCellsStayOnTheirLine() {
    var table = new Table(new Style(true), "A", "B");
    table.state("failed").cell("x\u001b[2J\ny").end();
    assertThat(table.lines().getLast()).isEqualTo("\u001b[31mfailed\u001b[0m  x\\x1b[2J\\x0ay");
  }
}
