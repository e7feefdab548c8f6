package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.replica.batch.ChainHash;
import io.starling.replica.fork.Forks;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer.Row;
import io.starling.replica.port.MemoryState;
import io.starling.replica.port.Table;
import io.starling.replica.request.Submission;
import io.starling.replica.state.SpaceState;
import io.starling.replica.state.StoredSpace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/// Random histories in which machines are set back with their memory while their nodes run, again
/// and again, alone and while others are cut off from each other: whatever anybody has ever applied
/// is applied by all in the end, and all read the same.
class BranchProperties {

  @Property(tries = 150)
  void whateverWasAppliedAnywhereIsAppliedEverywhere(@ForAll long seed) {
    run(seed);
  }

  @Property(tries = 60)
  void whoTakesOverStateKnowsTheSameBranches(@ForAll long seed) {
    takeOver(seed);
  }

  /// In whatever order closes and forks were heard of, contexts are told alike: seeds with which
  /// they once were not.
  @Example
  void contextsAreTheSameOnAllMembers() {
    LongStream.of(13, 21, 56).forEach(BranchProperties::takeOver);
  }

  /// One was set back to before it had ended its incarnation, which all others had closed, and
  /// wrote as many batches as they had: nobody noticed.
  @Example
  void whoGoesOnAsAReplicaThatTheOthersHaveClosedIsNoticed() {
    run(5564416);
  }

  static void takeOver(long seed) {
    new Run(seed).takeOver();
  }

  /// @return proofs that all keep in the end
  static int run(long seed) {
    return new Run(seed).run();
  }

  private static final class Run {
    private final long seed;
    private final Random random;
    private final Cluster cluster;
    private final TreeSet<ChainHash> everywhere = new TreeSet<>();
    private final Map<Cluster.Member, MemoryState> copies = new HashMap<>();
    private final List<Token> reads = new ArrayList<>();

    private Run(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
      this.cluster = new Cluster(3 + random.nextInt(3));
    }

    private int run() {
      int steps = 60 + random.nextInt(120);
      for (int i = 0; i < steps; i++) {
        step();
        cluster.pass(random.nextInt(200));
      }
      // What one had alone before it was set back is nowhere.
      cluster.members.forEach(member -> everywhere.addAll(hashes(member)));
      heal();
      // One that has nothing learns all in another order than any of them has.
      cluster.members.add(cluster.beside());
      heal();
      for (var member : cluster.members) {
        var first = cluster.member(0);
        assertThat(hashes(member))
            .as("batches, seed %s", seed)
            .containsAll(everywhere)
            .isEqualTo(hashes(first));
        assertThat(member.status().token())
            .as("vector, seed %s", seed)
            .isEqualTo(first.status().token());
        assertThat(member.status().closed())
            .as("closed, seed %s", seed)
            .isEqualTo(first.status().closed());
        assertThat(member.status().digest())
            .as("digest, seed %s", seed)
            .isEqualTo(first.status().digest());
        assertThat(heads(member)).as("heads, seed %s", seed).isEqualTo(heads(first));
        StateCheck.holds(member);
        var reopened = member.status().digest();
        member.restartAsBefore();
        assertThat(member.status().digest()).isEqualTo(reopened);
      }
      assertThat(cluster.alarmKinds())
          .as("seed %s", seed)
          .isSubsetOf(Effect.Kind.FORK, Effect.Kind.LOST_TAIL);
      return new Forks(new SpaceState(Cluster.MAIN, cluster.member(0).state)).held().size();
    }

    /// The logs of all are gone, so one that has nothing learns of branches by state alone; what
    /// some have written on branches in the meantime comes to it, too.
    private void takeOver() {
      run();
      cluster.members.forEach(Cluster.Member::loseLog);
      cluster.members.forEach(Cluster.Member::restart);
      cluster.connectAll();
      cluster.members.add(cluster.beside(2_000));
      heal();
      cluster.members.forEach(member -> member.submit(submissions()));
      heal();
      for (var member : cluster.members) {
        var first = cluster.member(0);
        assertThat(new StoredSpace(member.state).branchRows())
            .as("branches, seed %s", seed)
            .isEqualTo(new StoredSpace(first.state).branchRows());
        assertThat(member.status().token())
            .as("vector, seed %s", seed)
            .isEqualTo(first.status().token());
        assertThat(member.status().closed())
            .as("closed, seed %s", seed)
            .isEqualTo(first.status().closed());
        assertThat(member.status().digest())
            .as("digest, seed %s", seed)
            .isEqualTo(first.status().digest());
        assertThat(heads(member)).as("heads, seed %s", seed).isEqualTo(heads(first));
        StateCheck.holds(member);
      }
      assertThat(cluster.alarms)
          .as("seed %s", seed)
          .noneMatch(alarm -> alarm.kind() == Effect.Kind.DIGEST_MISMATCH)
          .noneMatch(alarm -> alarm.kind() == Effect.Kind.DONOR_FAULT);
    }

    private void step() {
      var member = cluster.member(random.nextInt(cluster.members.size()));
      switch (random.nextInt(29)) {
        case 0 -> member.side = random.nextInt(2);
        case 1 -> {
          if (random.nextInt(3) == 0) {
            member.restart();
            cluster.connectAll();
          }
        }
        case 2 -> member.on(new Event.Tick());
        case 3 -> cluster.loseSome(random);
        case 4 -> cluster.rounds(1);
        case 5, 6 -> copies.put(member, member.state.copy());
        case 7, 8 -> setBack(member);
        case 9 -> reads.add(member.status().token());
        case 24, 25, 26, 27 -> fork(member);
        case 10, 11, 12, 13, 14, 15 -> member.submit(submissions());
        default -> cluster.deliverSome(random);
      }
    }

    /// It writes, which some hear of, is set back, and writes again before it hears of that.
    private void fork(Cluster.Member member) {
      if (random.nextBoolean() || !copies.containsKey(member)) {
        copies.put(member, member.state.copy());
      }
      for (int i = random.nextInt(4); i >= 0; i--) {
        member.submit(submissions());
        for (int k = random.nextInt(8); k > 0; k--) {
          cluster.deliverSome(random);
        }
        if (random.nextInt(4) == 0) {
          cluster.deliverAll();
        }
      }
      if (random.nextInt(3) == 0) {
        member.side = 1 - member.side;
      }
      setBack(member);
      for (int i = random.nextInt(3); i >= 0; i--) {
        member.submit(submissions());
        cluster.deliverSome(random);
      }
    }

    /// Its store and its memory are what they were; nobody has told it anything since.
    private void setBack(Cluster.Member member) {
      if (copies.containsKey(member)) {
        member.state = copies.get(member).copy();
        member.restartAsBefore();
        cluster.connectAll();
      }
    }

    private List<Submission> submissions() {
      var together = new ArrayList<Submission>();
      for (int i = random.nextInt(3); i >= 0; i--) {
        Optional<Token> read =
            reads.isEmpty() || random.nextInt(3) > 0
                ? Optional.empty()
                : Optional.of(reads.get(random.nextInt(reads.size())));
        together.add(new Submission(0, "client", read, RandomMutations.some(random)));
      }
      return together;
    }

    private void heal() {
      cluster.members.forEach(member -> member.side = 0);
      cluster.connectAll();
      for (int round = 0; round < 150 && !isSettled(); round++) {
        cluster.rounds(1);
      }
    }

    private boolean isSettled() {
      return cluster.members.stream()
          .allMatch(m -> m.status().token().equals(cluster.member(0).status().token()));
    }

    /// What is kept of the last batch of each replica, its context too: whoever confirms a state
    /// compares that.
    private static Set<Row.HeadRow> heads(Cluster.Member member) {
      return new HashSet<>(new StoredSpace(member.state).headRows());
    }

    private static TreeSet<ChainHash> hashes(Cluster.Member member) {
      var hashes = new TreeSet<ChainHash>();
      member.state.scan(
          Table.LOG,
          new byte[0],
          new byte[0],
          (_, entry) -> {
            hashes.add(ChainHash.ofBytes(entry));
            return true;
          });
      return hashes;
    }
  }
}
