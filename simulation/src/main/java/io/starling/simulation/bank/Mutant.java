package io.starling.simulation.bank;

import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Mark;
import io.starling.replica.Effect;
import io.starling.replica.message.Message;
import io.starling.replica.port.Changes;
import io.starling.replica.port.Table;
import io.starling.simulation.scenario.Scenario;
import io.starling.simulation.world.Engine;
import io.starling.simulation.world.World;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// A planted bug, its story, and the scenario in which it shows.
public enum Mutant {
  ACKNOWLEDGES_BEFORE_SYNC(
      Scenario.CALM,
      "A write is acknowledged before it is on the disk, as NATS and many stores do"
          + " by default; a power cut takes it back.",
      () -> EffectMutations.first(Effect.Answer.class::isInstance)),
  ACKNOWLEDGES_UNSEEN(
      Scenario.LOSSY,
      "A node says that it has what it was asked about, whether it has or not: a"
          + " quorum of promises.",
      InputMutations::acknowledgesUnseen),
  ACKNOWLEDGES_WITH_THE_TOKEN_BEFORE(
      Scenario.CALM,
      "The answer to a write names the state before it, so a client that carries it"
          + " elsewhere does not find what it wrote.",
      EffectMutations::acknowledgesWithTheTokenBefore),
  ANSWERS_TWICE(
      Scenario.CALM,
      "A request is answered twice; the second answer is taken for that of another" + " one.",
      () -> EffectMutations.repeated(2, Effect.Answer.class::isInstance)),
  SENDS_BEFORE_SYNC(
      Scenario.CALM,
      "A batch is sent before it is on the disk. After a crash its number is used"
          + " again, and peers skip the new one for ever (Syncthing 6335).",
      () -> EffectMutations.first(EffectMutations::isBatches)),
  VECTOR_BEFORE_CELLS(
      Scenario.CRASHES,
      "The vector becomes durable before what it stands for: it says 46039, and"
          + " elements are missing (Akka 22890).",
      EffectMutations::vectorBeforeCells),
  LOSES_A_CELL(
      Scenario.CALM,
      "Now and then a cell is not written: an update in the midst of a batch gets"
          + " lost (riak_dt 90).",
      () -> EffectMutations.loses(50, Mutant::isCell)),
  LOSES_A_FRESH_CELL(
      Scenario.DAMAGES,
      "Now and then a cell of a state that is taken over is not written.",
      () -> EffectMutations.loses(20, w -> w.table() == Table.FRESH_CELLS)),
  LOSES_A_STAGED_ROW(
      Scenario.LOST_LOGS,
      "Now and then a row of a state that is taken over is not staged, and the"
          + " state is taken for whole (delta_crdt_ex 65).",
      () -> EffectMutations.loses(20, w -> w.table() == Table.STAGE)),
  LOSES_LOG(
      Scenario.CRASHES,
      "Now and then a batch is applied and not logged; whoever asks for it later is"
          + " sent a hole.",
      () -> EffectMutations.loses(40, w -> w.table() == Table.LOG)),
  KEEPS_WHAT_WAS_REMOVED(
      Scenario.CALM,
      "A removal does not reach the disk, and what was removed is back after a"
          + " restart (riak_dt 78).",
      () -> EffectMutations.loses(1, w -> isCell(w) && w.value().isEmpty())),
  FORGETS_REMOVALS(
      Scenario.SPLIT_BRAIN,
      "A set where removing wins keeps no removal of what it does not hold: what is added"
          + " at the same time elsewhere is there on some nodes, and a member without a right"
          + " has it again.",
      () -> EffectMutations.loses(1, Mutant::isRemoval)),
  DIGEST_NOT_UPDATED(
      Scenario.CRASHES,
      "The digest of a space is not written along with its cells.",
      () -> EffectMutations.loses(1, w -> w.table() == Table.META && w.key()[0] == 'd')),
  BUCKETS_NOT_UPDATED(
      Scenario.CALM,
      "The sums by which members find what differs are not always written:"
          + " differences stay unseen.",
      () -> EffectMutations.loses(20, w -> w.table() == Table.BUCKETS)),
  HEADERS_NOT_UPDATED(
      Scenario.CALM,
      "What a key's header says of its types and cells is not always written: keys"
          + " vanish from lists.",
      () -> EffectMutations.loses(20, w -> w.table() == Table.HEADERS)),
  RESETS_TOO_MUCH(
      Scenario.CALM,
      "A counter's reset takes back what it had not seen (riak_dt 98; Redis).",
      () -> EffectMutations.writes(InputMutations::resetTooMuch)),
  MERGE_THAT_OVERWRITES(
      Scenario.SPLIT_BRAIN,
      "What comes overwrites what is there, seen or not.",
      InputMutations::overwrites),
  FIRST_COME_FIRST_SERVED(
      Scenario.SPLIT_BRAIN,
      "What is there stays, whatever comes: of two writes each node keeps the one"
          + " it saw first (go-ds-crdt 238).",
      EffectMutations::firstComesFirstServed),
  APPLIES_TWICE(
      Scenario.CALM,
      "A watcher is told twice of what was applied once.",
      () -> EffectMutations.repeated(2, Effect.Applied.class::isInstance)),
  APPLIES_BACKWARDS(
      Scenario.SPLIT_BRAIN,
      "Watchers are told of batches after those that follow on them (Akka 22188).",
      EffectMutations::appliesBackwards),
  DOES_NOT_WAIT_FOR_SYSTEM(
      Scenario.LOSSY,
      "A batch is applied though what it names of another space is not there yet:"
          + " an effect before its cause.",
      InputMutations::doesNotWaitForSystem),
  DOTS_USED_AGAIN(
      Scenario.RESTORES,
      "A node whose store was set back goes on counting from there, under numbers"
          + " that others know for other writes (Riak kv 679).",
      InputMutations::fixedEntropy),
  DOTS_USED_AGAIN_AFTER_DAMAGE(
      Scenario.DAMAGES,
      "A node whose store was made anew goes on under its old name (Riak 1296).",
      InputMutations::fixedEntropy),
  REMOVES_WITHOUT_CONTEXT(
      Scenario.CALM,
      "A removal takes away what its client had never read.",
      InputMutations::removesWithoutContext),
  SWALLOWS_WRITES(
      Scenario.CALM,
      "Now and then a write is acknowledged and not done (Antidote 489).",
      InputMutations::swallowsWrites),
  EXECUTES_TWICE(
      Scenario.CALM,
      "A request is carried out twice, as after a retry that nobody recognised.",
      InputMutations::executesTwice),
  GIVES_NO_ANSWER(
      Scenario.CALM,
      "Requests are carried out and not answered.",
      () -> EffectMutations.without(Effect.Answer.class::isInstance)),
  NEEDS_A_PEER(
      Scenario.SPLIT_BRAIN,
      "A node that is alone refuses writes: a leader by another name.",
      EffectMutations::needsAPeer),
  ISOLATIONIST(
      Scenario.CALM,
      "A node never sends anything (Maelstrom's test of broadcasts).",
      () -> EffectMutations.without(Effect.Send.class::isInstance)),
  SELFISH(
      Scenario.CALM,
      "A node never takes what others wrote.",
      () -> InputMutations.deafTo(Message.Batches.class::isInstance)),
  CLIQUISH(Scenario.CALM, "Nodes talk to their favourite peer alone.", EffectMutations::cliquish),
  WITHHOLDS(
      Scenario.CALM,
      "Every seventh batch is sent to nobody: those that follow wait for ever" + " (Antidote 420).",
      EffectMutations::withholds),
  SENDS_ONCE_AND_NEVER_REPAIRS(
      Scenario.LOSSY,
      "What got lost on the way is never asked for.",
      () -> EffectMutations.without(EffectMutations::isPull)),
  LEAVES_CLOSED_REPLICAS_OUT_OF_PULLS(
      Scenario.CRASHES,
      "A pull says nothing of replicas that are closed, and is answered with their" + " whole log.",
      EffectMutations::leavesClosedReplicasOut),
  FORGETS_PEERS_THAT_RETURN(
      Scenario.SPLIT_BRAIN,
      "A peer that was gone once stays gone, though the link is back (Antidote" + " 201).",
      InputMutations::forgetsPeersThatReturn),
  TIMERS_STOP(
      Scenario.LOSSY,
      "After a while no timer does anything any more, and nothing repairs what was" + " lost.",
      InputMutations::timersStop),
  REFUSES_WITHOUT_REASON(
      Scenario.CALM,
      "Now and then a request is refused for a limit that is not reached.",
      EffectMutations::refusesWithoutReason),
  TALKS_WITHOUT_END(
      Scenario.CALM,
      "Nodes that hold the same go on telling each other so.",
      () -> EffectMutations.repeated(5, Mutant::isBeacon)),
  CLOCK_READ_WRONG(
      Scenario.CALM, "Stamps lie minutes ahead of the clock.", InputMutations::readsTheClockWrong),
  CLOCK_PUSHED_BY_PEERS(
      Scenario.CLOCKS,
      "One peer whose clock is years ahead takes all others along (Actual 3786).",
      InputMutations::unboundedDrift),
  BUFFER_WITHOUT_BOUND(
      Scenario.LOSSY,
      "What waits for its causes is kept without a limit.",
      InputMutations::unboundedBuffer),
  DEAF_TO_REVOCATIONS(
      Scenario.EVICTIONS,
      "A node that restarts does not know any more who is revoked, and what it"
          + " applies of them stands on it alone (Matrix 1953).",
      InputMutations::deafToRevocations),
  WAITS_FOR_WHOEVER_WAS_THERE(
      Scenario.DEPARTURES,
      "Who has left is waited for as long as the process runs: nothing is ever let" + " go.",
      StoreMutations::waitsForWhoeverWasThere),
  DEAF_TO_STRANGERS(
      Scenario.JOINERS,
      "A node listens to those alone of whom it has heard; who is new has heard of nobody, and"
          + " nobody of it.",
      StoreMutations::deafToStrangers),
  LOSES_WHAT_IS_WRITTEN_MEANWHILE(
      Scenario.JOINERS,
      "What a new member writes while it takes over the state of another is not there any more"
          + " when that takes its place.",
      StoreMutations::losesWhatIsWrittenMeanwhile),
  TAKES_UNREADABLE_FOR_ABSENT(
      Scenario.DAMAGES,
      "A row that cannot be read is taken for one that is not there (Riak 1296).",
      StoreMutations::takesUnreadableForAbsent),
  DISCARDS_WHAT_IS_RECOVERED(
      Scenario.DAMAGES,
      "What could still be read of a damaged store is thrown away, though nobody" + " else has it.",
      StoreMutations::discardsWhatIsRecovered),
  FUZZY_SNAPSHOTS(
      Scenario.LOST_LOGS,
      "A snapshot shows writes that came after it (Antidote 139).",
      StoreMutations::fuzzySnapshots),
  KEEPS_THE_FIRST_HALF(
      Scenario.FORKS,
      "Of two batches with one number the first stands, and the other is taken for a repeat: each"
          + " node has another.",
      InputMutations::keepsTheFirstHalf),
  DEAF_TO_BRANCHES_OF_SYSTEM(
      Scenario.FORKS,
      "A batch that names one half of a fork of _system is applied where only the other half is:"
          + " nobody asks of which half the number is (ours, between engine and node).",
      InputMutations::deafToBranchesOfSystem),
  FORGETS_PROOFS_OF_FORKS(
      Scenario.FORKS,
      "Who has met both halves of a fork says so once, and has no proof of it after a restart.",
      () -> EffectMutations.loses(1, w -> w.table() == Table.META && w.key()[0] == 'e')),
  LEAVES_CELLS_OUT(
      Scenario.LOST_LOGS,
      "A donor leaves cells out of the state that it gives: they read as removed.",
      EffectMutations::leavesCellsOut),
  GIVES_A_SPACE_UP_TOO_EARLY(
      Scenario.SPACES,
      "A host that is taken off gives its store up before the others have what it has: the new list"
          + " is taken for the move (ours, in the node).",
      world -> world.hostBy(HostMutations::leavesAtOnce));

  private final Scenario scenario;
  private final String story;

  @SuppressWarnings("ImmutableEnumChecker") // It makes a mutation anew each time.
  private final Supplier<Mutation> mutation;

  @SuppressWarnings("ImmutableEnumChecker") // It keeps nothing.
  private final Consumer<World> plant;

  /// One that is an engine's.
  Mutant(Scenario scenario, String story, Supplier<Mutation> mutation) {
    this.scenario = scenario;
    this.story = story;
    this.mutation = mutation;
    this.plant = _ -> {};
  }

  /// One that is in what nodes do around the engine.
  Mutant(Scenario scenario, String story, Consumer<World> plant) {
    this.scenario = scenario;
    this.story = story;
    this.mutation = () -> new Mutation() {};
    this.plant = plant;
  }

  /// Plants it in a world, as far as it is not in the engines.
  void plant(World world) {
    plant.accept(world);
  }

  /// What people call it: `acknowledges-before-sync`.
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// What goes wrong, and whom it has happened to.
  public String story() {
    return story;
  }

  /// Where it shows.
  public Scenario scenario() {
    return scenario;
  }

  /// Engines that have it.
  public Engine.Factory engines() {
    return Mutation.factory(mutation);
  }

  private static boolean isCell(Changes.Write write) {
    return write.table() == Table.CELLS && InputMutations.kind(write.key()) != CellKind.COUNTER;
  }

  /// Whether the last dot of a cell where removing wins is that of a removal.
  private static boolean isRemoval(Changes.Write write) {
    return isCell(write)
        && InputMutations.kind(write.key()) == CellKind.REMOVE_WINS_SET
        && write
            .value()
            .filter(content -> content[content.length - 1] == Mark.REMOVED.code())
            .isPresent();
  }

  private static boolean isBeacon(Effect effect) {
    return effect instanceof Effect.Send(_, Message.Announcement _);
  }
}
