package io.starling.node.cli.top;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ProcessFiguresTest {

  @Test
  void figuresOfOneNameAreAddedUp() {
    var figures =
        ProcessFigures.of(
            """
            process_cpu_usage 0.25
            system_cpu_count 4.0
            jvm_memory_used_bytes{area="heap"} 1.5E3
            jvm_memory_used_bytes{area="nonheap"} 500
            """);

    assertThat(figures.cpu()).contains(1.0);
    assertThat(figures.memoryBytes()).contains(2_000.0);
  }

  @Test
  void whatIsNoNumberIsNotCounted() {
    for (var number : new String[] {"1.2.3", ".", "1.", "..", "NaN", "-", "E5", "1E", ""}) {
      var figures = ProcessFigures.of("jvm_memory_used_bytes " + number + "\n");

      assertThat(figures.memoryBytes()).as(number).isEmpty();
    }
  }
}
