package io.starling.simulation.bank;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.simulation.bank.BugBank.Hunt;
import io.starling.simulation.command.HuntBugs;
import io.starling.simulation.command.HuntBugs.Result;
import io.starling.simulation.command.HuntBugs.Timed;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What is told of hunts.
final class HuntBugsTest {

  private static final Timed FOUND =
      new Timed(
          new Hunt(Mutant.WITHHOLDS, 3, Optional.of("I11 all converge: not \"main\"")), 1_500);
  private static final Timed SURVIVOR =
      new Timed(new Hunt(Mutant.SELFISH, 100, Optional.empty()), 40_000);

  @Test
  void aLineNamesTheBugTheSeedsAndTheCheck() {
    assertThat(HuntBugs.line(FOUND))
        .matches("found +withholds +calm +3 +1[.]5 s +I11 all converge");
    assertThat(HuntBugs.line(SURVIVOR)).startsWith("SURVIVES selfish");
  }

  @Test
  void oneSurvivorIsAFailure() {
    var both = new Result(List.of(FOUND, SURVIVOR));

    assertThat(new Result(List.of(FOUND)).isOk()).isTrue();
    assertThat(both.isOk()).isFalse();
    assertThat(HuntBugs.summary(both))
        .startsWith("1 of 2 planted bugs found")
        .contains("100 at most");
    assertThat(HuntBugs.json(both))
        .contains("\"ok\":false", "\"name\":\"withholds\",\"value\":3,\"target\":100,\"ok\":true")
        .contains("\"finding\":\"I11 all converge: not \\\"main\\\"\"");
  }
}
