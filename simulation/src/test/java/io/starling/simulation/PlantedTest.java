package io.starling.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.cell.Path;
import io.starling.crdt.read.View;
import io.starling.replica.batch.SigningDomain;
import io.starling.replica.read.SpaceReader;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Submission;
import io.starling.simulation.Simulation.Spectator;
import io.starling.simulation.check.Model;
import io.starling.simulation.scenario.Scenario;
import io.starling.simulation.workload.Workload;
import io.starling.simulation.world.Leaving;
import io.starling.simulation.world.Observer;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.SpaceNotes;
import io.starling.simulation.world.World;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// Bugs that are no engine's, planted where nodes make something of what `_system` says, or where
/// operators go about their work: each is found within few seeds, by the check that is there for
/// it.
final class PlantedTest {

  private static final int SEEDS = 8;
  private static final Duration DURATION = Duration.ofSeconds(20);

  /// The next space of the name dies unasked.
  @Test
  void aDropThatWasStatedTwiceCountsTwice() {
    assertThat(found(Scenario.SPACES, world -> world.readSpacesBy(PlantedTest::countingTwice)))
        .anyMatch(finding -> finding.contains("is dropped, and nobody has said so"));
  }

  /// All agree on it, and nobody writes to what is nowhere.
  @Test
  void whatIsCreatedAgainIsNotOpened() {
    assertThat(found(Scenario.SPACES, world -> world.readSpacesBy(PlantedTest::onceAlone)))
        .isNotEmpty()
        .allMatch(finding -> finding.startsWith("I6") || finding.startsWith("I21"));
  }

  /// All the others count on one fewer than there are.
  @Test
  void aMemberIsStruckOffTheList() {
    assertThat(found(Scenario.JOINERS, PlantedTest::strikingOneOff))
        .isNotEmpty()
        .allMatch(finding -> finding.startsWith("I20"));
  }

  /// Then a store that was copied before the node noted that it leaves is taken for one of after
  /// that, and the node stays, though others know that it has left.
  @Test
  void aNodeThatIsToLeaveDoesNotWriteFirstThatItIsThere() {
    assertThat(found(Scenario.DEPARTURES, PlantedTest::withoutMarkOfLeaving))
        .isNotEmpty()
        .allMatch(finding -> finding.startsWith("I19"));
  }

  /// A node writes what it reads itself.
  @Test
  void whatOthersReadIsNotAsked() {
    assertThat(found(Scenario.SHORT_LOGS, world -> world.versions().decideBy((own, _) -> own)))
        .isNotEmpty()
        .allMatch(finding -> finding.startsWith("I23"));
  }

  /// What a liar writes in another's name is that one's word.
  @Test
  void signaturesAreNotLookedAt() {
    assertThat(found(Scenario.BYZANTINE, world -> world.wire().verifyBy(_ -> true)))
        .anyMatch(finding -> finding.contains("that nobody formed"));
  }

  /// It is enough that some member has signed, be it whom the batch names or not.
  @Test
  void theSignatureOfAnyMemberWillDo() {
    assertThat(found(Scenario.BYZANTINE, PlantedTest::takingAnyMembers))
        .anyMatch(finding -> finding.contains("that nobody formed"));
  }

  private static void takingAnyMembers(World world) {
    world
        .wire()
        .verifyBy(signed -> {
          var space = signed.batch().space();
          byte[] said = SigningDomain.batch(world.cluster(), space, signed.body());
          return world.members().stream()
              .anyMatch(key -> world.keys().verify(key, said, signed.signature()));
        });
  }

  private static void withoutMarkOfLeaving(World world, Workload workload, Model model) {
    world.writeBy((space, mutation) -> {
      boolean isMark =
          mutation instanceof Mutation.Increment(var path, _)
              && path.key().startsWith("members/")
              && space.node().leaving().phase() == Leaving.Phase.ANNOUNCING;
      if (!isMark) {
        workload.administer(space, mutation);
      }
    });
  }

  private static List<String> found(Scenario scenario, Consumer<World> plant) {
    return found(scenario, (world, _, _) -> plant.accept(world));
  }

  private static List<String> found(Scenario scenario, Spectator plant) {
    return LongStream.rangeClosed(1, SEEDS)
        .mapToObj(seed -> Plan.of(scenario, seed, 4, DURATION))
        .map(plan -> Simulation.run(plan, _ -> {}, plant))
        .map(Report::failure)
        .flatMap(Optional::stream)
        .toList();
  }

  private static SpaceNotes countingTwice(SpaceReader reader, String name) {
    var notes = SpaceNotes.read(reader, name);
    var dropped = reader.view(Path.of("spaces/" + name + "/dropped"), 1);
    int again = dropped instanceof View.Register(var values) ? values.size() - 1 : 0;
    return again == 0 ? notes : notes(reader, name, notes.generation() + again);
  }

  private static SpaceNotes notes(SpaceReader reader, String name, long generation) {
    var created = Path.of("spaces/" + name + "/" + generation);
    boolean isCreated = !(reader.view(created, 1) instanceof View.Absent);
    return new SpaceNotes(
        name, generation, isCreated, Collections.emptySortedSet(), reader.token());
  }

  private static SpaceNotes onceAlone(SpaceReader reader, String name) {
    var notes = SpaceNotes.read(reader, name);
    return new SpaceNotes(
        name,
        notes.generation(),
        notes.isCreated() && notes.generation() == 0,
        notes.named(),
        notes.seen());
  }

  /// When faults have ended and all have described themselves, as each writes once more.
  private static void strikingOneOff(World world, Workload workload, Model model) {
    world.observe(
        new Observer() {
          private boolean isDone;

          @Override
          public void submitted(SimulatedSpace space, Submission submission) {
            boolean isLastWrite = world.agenda().nowNanos() > DURATION.toNanos();
            if (isLastWrite && !isDone && space.id().equals(world.mainId())) {
              isDone = true;
              var struck = world.remaining().getFirst();
              workload.operate(
                  world.remaining().getLast().system(),
                  new Mutation.Remove(Path.of("members/" + struck.number())));
            }
          }
        });
  }
}
