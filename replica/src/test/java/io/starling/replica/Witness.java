package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.CausalContext;
import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.oracle.History;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.Transaction;
import io.starling.replica.message.Token;
import io.starling.replica.read.Coverage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Notes who had applied which batches when they wrote or read, batch by batch, and holds what
/// members read against the oracle of the data types over just that.
///
/// It knows nothing of contexts, closes, tokens or narrowing: a transaction that answers to a read
/// says so by its principal, and the batches applied at that read were noted then.
final class Witness {

  /// A batch, by name.
  record Seen(ReplicaId replica, long seq) implements Comparable<Seen> {
    @Override
    public int compareTo(Seen that) {
      int order = replica.compareTo(that.replica);
      return order != 0 ? order : Long.compare(seq, that.seq);
    }
  }

  private record Read(Token token, Set<Seen> seen) {}

  private final Cluster cluster;
  private final History history = new History();
  private final TreeSet<Seen> recorded = new TreeSet<>();
  private final Map<Cluster.Member, TreeSet<Seen>> applied = new HashMap<>();
  private final List<Read> reads = new ArrayList<>();
  private final TreeMap<String, String> digests = new TreeMap<>();

  Witness(Cluster cluster) {
    this.cluster = cluster;
    cluster.watcher = this::applied;
  }

  /// The batches in a member's store.
  Set<Seen> of(Cluster.Member member) {
    return applied.computeIfAbsent(member, _ -> new TreeSet<>());
  }

  /// A member's store is another one now, in which just these batches are.
  void replaced(Cluster.Member member, Set<Seen> seen) {
    applied.put(member, new TreeSet<>(seen));
  }

  /// A client reads all of a member.
  int read(Cluster.Member member) {
    reads.add(new Read(member.reader().token(), new TreeSet<>(of(member))));
    return reads.size() - 1;
  }

  int reads() {
    return reads.size();
  }

  /// The token of a read; empty if a member has not applied yet all that it showed.
  Optional<Token> token(int read, Cluster.Member member) {
    boolean isCovered = of(member).containsAll(reads.get(read).seen);
    var token = reads.get(read).token;
    assertThat(member.reader().coverage(token) == Coverage.COVERED)
        .as("a token covers what was read")
        .isEqualTo(isCovered);
    return isCovered ? Optional.of(token) : Optional.empty();
  }

  static String principal(int read) {
    return "read " + read;
  }

  /// Holds a member's views, digest and headers against what it has applied.
  void check(Cluster.Member member) {
    StateCheck.holds(member);
    var seen = of(member);
    for (var key : RandomMutations.KEYS) {
      assertThat(member.reader().view(Path.of(key), 1_000))
          .as("%s at %s", key, member.key)
          .isEqualTo(history.view(Path.of(key), within(seen)));
    }
  }

  /// Equal vectors, equal digests: of all members, at all times.
  void checkDigest(Cluster.Member member) {
    var digest = member.status().digest().toString();
    var before = digests.putIfAbsent(of(member).toString(), digest);
    assertThat(before == null ? digest : before).isEqualTo(digest);
  }

  private void applied(Cluster.Member member, Effect.Applied one) {
    var batch = one.batch().batch();
    var name = new Seen(batch.replica(), batch.seq());
    if (recorded.add(name)) {
      record(batch, of(member));
    }
    assertThat(of(member).add(name)).as("applied once").isTrue();
  }

  private void record(Batch batch, Set<Seen> past) {
    int index = 0;
    for (var transaction : batch.transactions()) {
      int first = index;
      for (var operation : transaction.operations()) {
        var dot = new Dot(batch.replica(), batch.seq(), index);
        history.add(operation, dot, batch.time(), context(transaction, past, dot, first));
        index++;
      }
    }
  }

  private CausalContext context(Transaction transaction, Set<Seen> past, Dot self, int first) {
    boolean isEdit = transaction.principal().startsWith("read ");
    var seen =
        isEdit
            ? within(reads.get(Integer.parseInt(transaction.principal().substring(5))).seen)
            : within(past);
    int from = isEdit ? first : 0;
    return dot ->
        dot.replica().equals(self.replica()) && dot.seq() == self.seq()
            ? dot.index() >= from && dot.index() < self.index()
            : seen.covers(dot);
  }

  private static CausalContext within(Set<Seen> seen) {
    return dot -> seen.contains(new Seen(dot.replica(), dot.seq()));
  }

  Cluster.Member any(Random random) {
    return cluster.member(random.nextInt(cluster.members.size()));
  }
}
