package io.starling.replica.catchup;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.causal.Past;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.message.Transfer.Row;
import io.starling.replica.message.TransferEncoding;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a donor tells of its snapshot beside the cells: heads, where branches begin, closes and
/// chain hashes. Bounded: of branches there are no more than heads.
final class PastRows {

  /// Replicas that a donor may tell of.
  private static final int HEADS_MAX = 100_000;

  /// Bytes of heads, closes and chain hashes that a donor may tell of.
  private static final long BYTES_MAX = 64 << 20;

  private final TreeMap<ReplicaId, Row.HeadRow> heads = new TreeMap<>();
  private final TreeMap<ReplicaId, Row.BranchRow> branches = new TreeMap<>();
  private final List<Row.CloseRow> closes = new ArrayList<>();
  private final TreeMap<ReplicaId, NavigableMap<Long, ChainHash>> hashes = new TreeMap<>();
  private long bytes;
  private int hashCount;

  void take(Row.HeadRow head) throws MalformedException {
    count(head);
    require(heads.size() < HEADS_MAX);
    require(heads.putIfAbsent(head.replica(), head) == null);
  }

  /// A branch is named by its first batch, and begins where what it goes on from ends.
  void take(Row.BranchRow branch) throws MalformedException {
    count(branch);
    var parent = heads.get(branch.parent());
    long end = parent == null ? 0 : parent.seq();
    if (end != branch.first() - 1) {
      throw new MalformedException("a branch that does not begin where its replica ends");
    }
    var head = heads.get(branch.name());
    if (head == null) {
      throw new MalformedException("a branch that has no head");
    }
    if (head.seq() < branch.first()) {
      throw new MalformedException("a branch whose head is before its first batch");
    }
    if (head.seq() == branch.first() && !head.hash().equals(branch.hash())) {
      throw new MalformedException("a branch whose first batch is not its head");
    }
    if (branches.putIfAbsent(branch.name(), branch) != null) {
      throw new MalformedException("a branch that came twice");
    }
  }

  void take(Row.CloseRow close) throws MalformedException {
    count(close);
    require(heads.containsKey(close.replica()) && heads.containsKey(close.closer()));
    closes.add(close);
  }

  void take(Row.HashesRow row) throws MalformedException {
    count(row);
    var all = hashes.computeIfAbsent(row.replica(), _ -> new TreeMap<>());
    require(all.isEmpty() || all.lastKey() + 1 == row.first());
    hashCount += row.hashes().size();
    require(hashCount <= Chains.HASHES_MAX);
    for (int i = 0; i < row.hashes().size(); i++) {
      all.put(row.first() + i, row.hashes().get(i));
    }
  }

  private void count(Row row) throws MalformedException {
    bytes += TransferEncoding.bytes(row);
    require(bytes <= BYTES_MAX);
  }

  private static void require(boolean holds) throws MalformedException {
    if (!holds) {
      throw new MalformedException("a row too many, out of order, or that came twice");
    }
  }

  /// Whether a replica was told of.
  boolean has(ReplicaId replica) {
    return heads.containsKey(replica);
  }

  Set<ReplicaId> replicas() {
    return Collections.unmodifiableSet(heads.keySet());
  }

  List<Row.HeadRow> heads() {
    return List.copyOf(heads.values());
  }

  List<Row.BranchRow> branches() {
    return List.copyOf(branches.values());
  }

  List<Row.CloseRow> closes() {
    return List.copyOf(closes);
  }

  SortedMap<ReplicaId, NavigableMap<Long, ChainHash>> hashes() {
    return Collections.unmodifiableSortedMap(hashes);
  }

  /// The vector of the snapshot, with what its closes imply.
  Past past(Token token) {
    return Joiner.past(token, closes);
  }

  /// Whether there is a head for each entry of the vector and no other, and hashes below it as far
  /// as was said.
  boolean isAsOffered(Transfer.Offer offer) {
    var vector = offer.token().vector();
    var past = past(offer.token());
    boolean isCovered =
        heads.values().stream().allMatch(head -> past.seq(head.replica()) == head.seq());
    boolean hasContexts =
        heads.values().stream()
            .flatMap(head -> head.context().entries().stream())
            .allMatch(entry -> has(entry.replica()));
    return isCovered
        && hasContexts
        && hashes.keySet().stream().allMatch(vector::contains)
        && branches.values().stream().allMatch(this::fitsItsChain)
        && offer.token().heads().stream()
            .allMatch(it -> has(it, offer.hashesFrom().seq(it.replica())));
  }

  /// The chain hashes of a branch are none before its first, and that is the one that was told.
  private boolean fitsItsChain(Row.BranchRow branch) {
    var chain = hashes.get(branch.name());
    if (chain == null || chain.isEmpty()) {
      return true;
    }
    if (chain.firstKey() < branch.first()) {
      return false;
    }
    var first = chain.get(branch.first());
    return first == null || first.equals(branch.hash());
  }

  /// @param from above which its hashes were to come
  private boolean has(Token.Prefix named, long from) {
    var head = heads.get(named.replica());
    var below = hashes.getOrDefault(named.replica(), new TreeMap<>());
    boolean areAll = below.size() == Math.max(0, named.seq() - 1 - from);
    boolean areBelow =
        below.isEmpty() || below.firstKey() == from + 1 && below.lastKey() == named.seq() - 1;
    return head != null
        && head.seq() == named.seq()
        && named.matches(head.hash())
        && areAll
        && areBelow;
  }
}
