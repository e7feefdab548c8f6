package io.starling.replica.catchup;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.encoding.Encoder;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.message.Secret;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer.Row;
import io.starling.replica.message.TransferEncoding;
import io.starling.replica.port.StatePort;
import io.starling.replica.state.ReplicaNumbers;
import io.starling.replica.state.SpaceLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// The chain hashes below the heads of a token, as far down as they are wanted and known: they tell
/// the branches of a fork apart where the batches themselves are gone. Collected some at a time.
final class Chains {

  /// Hashes that travel along with a state, of all replicas together. Further down, the number
  /// decides.
  static final int HASHES_MAX = 10_000;

  private final SpaceLog log;
  private final ReplicaNumbers numbers;
  private final VersionVector wanted;
  private final Deque<Token.Prefix> left;
  private final TreeMap<ReplicaId, NavigableMap<Long, ChainHash>> found = new TreeMap<>();
  private final TreeMap<ReplicaId, Long> from = new TreeMap<>();
  private int room = HASHES_MAX;
  private Optional<Token.Prefix> current = Optional.empty();
  private long next;

  /// @param wanted the seqs above which hashes are wanted
  Chains(StatePort state, Token token, VersionVector wanted) {
    this.log = new SpaceLog(state);
    this.numbers = new ReplicaNumbers(state);
    this.wanted = wanted;
    this.left = new ArrayDeque<>(token.heads());
  }

  /// Looks at some more.
  ///
  /// @return whether that was all
  boolean some(int max) {
    for (int i = 0; i < max; i++) {
      if (current.isEmpty()) {
        current = Optional.ofNullable(left.poll());
        next = current.map(head -> head.seq() - 1).orElse(0L);
      }
      if (current.isEmpty()) {
        return true;
      }
      look(current.get().replica());
    }
    return false;
  }

  /// From the head down, so that what is found has no gap up to it.
  private void look(ReplicaId replica) {
    var number = numbers.find(replica);
    var hash =
        next <= wanted.seq(replica) || room == 0 || number.isEmpty()
            ? Optional.<ChainHash>empty()
            : log.hash(number.getAsInt(), next);
    if (hash.isEmpty()) {
      if (next > 0) {
        from.put(replica, next);
      }
      current = Optional.empty();
      return;
    }
    found.computeIfAbsent(replica, _ -> new TreeMap<>()).put(next, hash.get());
    room--;
    next--;
  }

  /// The seqs above which all were found.
  VersionVector from() {
    return VersionVector.of(from);
  }

  CellDigest sum(Secret secret) {
    var sum = CellDigest.ZERO;
    for (var chain : found.entrySet()) {
      sum = sum.plus(sum(secret, chain.getKey(), chain.getValue()));
    }
    return sum;
  }

  /// The sum of some hashes of a replica.
  static CellDigest sum(Secret secret, ReplicaId replica, NavigableMap<Long, ChainHash> hashes) {
    var sha256 = CellDigest.sha256();
    var sum = CellDigest.ZERO;
    for (var hash : hashes.entrySet()) {
      byte[] name = new Encoder().replica(replica).varint(hash.getKey()).toBytes();
      sum = sum.plus(secret.digest(sha256, name, hash.getValue().bytes()));
    }
    return sum;
  }

  /// What was found, as it is sent.
  List<Row> rows() {
    var rows = new ArrayList<Row>();
    found.forEach((replica, hashes) -> {
      var all = new ArrayList<>(hashes.values());
      for (int at = 0; at < all.size(); at += TransferEncoding.HASHES_MAX) {
        var some = all.subList(at, Math.min(all.size(), at + TransferEncoding.HASHES_MAX));
        rows.add(new Row.HashesRow(replica, hashes.firstKey() + at, some));
      }
    });
    return rows;
  }
}
