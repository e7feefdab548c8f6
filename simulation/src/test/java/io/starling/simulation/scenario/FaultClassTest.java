package io.starling.simulation.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.simulation.chance.Draws;
import io.starling.simulation.network.LinkOptions;
import io.starling.simulation.world.DiskOptions;
import io.starling.simulation.world.LieOptions;
import java.util.Arrays;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FaultClassTest {

  /// A kind of fault that is in none of the classes could not be left out of a failure.
  @ParameterizedTest
  @EnumSource(Scenario.class)
  void withoutAllOfThemNothingGoesWrong(Scenario scenario) {
    var all = new Reduction(new TreeSet<>(Arrays.asList(FaultClass.values())), 0);
    for (long seed = 1; seed <= 50; seed++) {
      var rest = all.of(scenario.setting(Draws.ofSeed(seed)));

      assertThat(rest.faults()).isEqualTo(FaultOptions.NONE);
      assertThat(rest.links()).isEqualTo(LinkOptions.GOOD);
      assertThat(rest.lies()).isEqualTo(LieOptions.NONE);
      assertThat(rest.disks()).isEqualTo(DiskOptions.GOOD);
    }
  }
}
