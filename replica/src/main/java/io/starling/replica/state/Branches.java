package io.starling.replica.state;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;

/// The branches of replicas that were forked: where two signed batches of one number follow on one
/// and the same batch, the replica ends there, and each of the two begins a branch, a replica of
/// its own from then on.
///
/// A branch is named by its first batch, so all nodes give it the same name, in whatever order they
/// learn of forks. In batches its author, who knew of no fork, goes by the name of the replica that
/// was forked, its root; numbers go on. A branch may be forked in its turn.
///
/// Not thread-safe. Costs nothing where nothing was ever forked.
public final class Branches {

  private final StatePort state;
  private final TreeMap<ReplicaId, Branch> byName = new TreeMap<>();
  private final TreeMap<ReplicaId, Long> ends = new TreeMap<>();

  /// @param parent the replica that it goes on from, a branch perhaps
  /// @param first the number of its first batch
  /// @param hash of that
  public record Branch(ReplicaId name, ReplicaId parent, long first, ChainHash hash) {

    /// As it is told to others.
    public Transfer.Row.BranchRow row() {
      return new Transfer.Row.BranchRow(parent, first, hash);
    }

    /// The branch that a batch begins.
    public static Branch beginningWith(SignedBatch signed, ReplicaId parent) {
      return new Branch(
          Branches.name(signed.batch().replica().key(), signed.hash()),
          parent,
          signed.batch().seq(),
          signed.hash());
    }
  }

  /// What is applied.
  public interface Applied {
    /// The number of the last batch applied of a replica or branch; 0 if none was.
    long seq(ReplicaId replica);

    /// The hash of an applied batch, if it is still known.
    Optional<ChainHash> hash(ReplicaId replica, long seq);
  }

  /// Loads what a store holds.
  public Branches(StatePort state) {
    this.state = state;
    load();
  }

  private void load() {
    byName.clear();
    ends.clear();
    state.scan(
        Table.META,
        Layout.BRANCHES,
        Layout.after(Layout.BRANCHES),
        (key, value) -> {
          know(decode(key, value));
          return true;
        });
  }

  private void know(Branch branch) {
    byName.put(branch.name(), branch);
    ends.put(branch.parent(), branch.first() - 1);
  }

  /// The name of the branch that begins with a batch.
  public static ReplicaId name(KeyFingerprint key, ChainHash first) {
    return new ReplicaId(key, first.first());
  }

  /// Whether nothing was ever forked.
  public boolean isEmpty() {
    return byName.isEmpty();
  }

  public Optional<Branch> find(ReplicaId name) {
    return Optional.ofNullable(byName.get(name));
  }

  /// Those of which something is applied, as they are told to others, ordered by name.
  public List<Transfer.Row.BranchRow> rows(Applied applied) {
    return byName.values().stream()
        .filter(branch -> applied.seq(branch.name()) > 0)
        .map(Branch::row)
        .toList();
  }

  /// The number of the last batch that a replica ever has; empty if it was not forked.
  public OptionalLong end(ReplicaId replica) {
    var end = ends.get(replica);
    return end == null ? OptionalLong.empty() : OptionalLong.of(end);
  }

  /// The hash of a batch that begins a branch, which is known though the log is gone.
  Optional<ChainHash> beginning(ReplicaId replica, long seq) {
    return find(replica).filter(branch -> branch.first() == seq).map(Branch::hash);
  }

  /// The number of the first batch of a replica or branch.
  public long first(ReplicaId replica) {
    var branch = byName.get(replica);
    return branch == null ? 1 : branch.first();
  }

  /// A sum over the names of all of which something is applied: who does not know of a fork that is
  /// known here has other names for the same.
  public CellDigest sum(Applied applied) {
    var sum = CellDigest.ZERO;
    for (var name : byName.keySet()) {
      if (applied.seq(name) == 0) {
        continue;
      }
      sum = sum.plus(CellDigest.of(new Encoder().replica(name).toBytes(), new byte[] {'k'}));
    }
    return sum;
  }

  /// The name that the author of a replica or branch goes by in its batches.
  public ReplicaId root(ReplicaId replica) {
    var at = replica;
    for (var branch = byName.get(at); branch != null; branch = byName.get(at)) {
      at = branch.parent();
    }
    return at;
  }

  /// What a branch goes on from, the nearest first, and those with their ends; without those that
  /// have no batch.
  public List<VersionVector.Entry> ancestors(ReplicaId replica) {
    var ancestors = new ArrayList<VersionVector.Entry>();
    for (var branch = byName.get(replica); branch != null; branch = byName.get(branch.parent())) {
      if (branch.first() > 1) {
        ancestors.add(new VersionVector.Entry(branch.parent(), branch.first() - 1));
      }
    }
    return ancestors;
  }

  /// A replica and all branches that go on from it, ordered by where they begin.
  public List<ReplicaId> tree(ReplicaId replica) {
    var tree = new ArrayList<ReplicaId>(List.of(replica));
    if (ends.containsKey(replica)) {
      for (int at = 0; at < tree.size(); at++) {
        var parent = tree.get(at);
        byName.values().stream()
            .filter(branch -> branch.parent().equals(parent))
            .forEach(branch -> tree.add(branch.name()));
      }
    }
    return tree;
  }

  /// Which of a replica and its branches may be meant by a number, whoever names it: those that
  /// have it. Just the replica itself where that ends at no lower number, though it may not be
  /// here.
  public List<ReplicaId> having(ReplicaId replica, long seq, Applied applied) {
    if (seq <= end(replica).orElse(Long.MAX_VALUE)) {
      return List.of(replica);
    }
    return tree(replica).stream()
        .filter(it -> first(it) <= seq && seq <= end(it).orElse(Long.MAX_VALUE))
        .filter(it -> seq <= applied.seq(it))
        .toList();
  }

  /// Names one batch, and what it goes on from.
  public VersionVector upTo(ReplicaId replica, long seq) {
    var vector = VersionVector.EMPTY.with(replica, seq);
    for (var ancestor : ancestors(replica)) {
      vector = vector.with(ancestor.replica(), ancestor.seq());
    }
    return vector;
  }

  /// A token as it reads here.
  ///
  /// @param token names branches that are known here by their names
  /// @param unknown replicas of which the token names a batch that is not on any branch known here
  public record Reading(Token token, TreeSet<ReplicaId> unknown) {}

  /// Reads a token that may have been made by one who did not know of a fork.
  public Reading read(Token token, Applied applied) {
    var unknown = new TreeSet<ReplicaId>();
    if (isEmpty()) {
      return new Reading(token, unknown);
    }
    var heads = new TreeMap<ReplicaId, Token.Prefix>();
    for (var head : token.heads()) {
      boolean isPlain = head.seq() <= end(head.replica()).orElse(Long.MAX_VALUE);
      if (isPlain) {
        put(heads, head);
        continue;
      }
      var meant = meant(head, applied);
      if (meant.isEmpty()) {
        unknown.add(head.replica());
      }
      long end = end(head.replica()).getAsLong();
      var vector =
          meant
              .map(it -> upTo(it, head.seq()))
              .orElseGet(() -> VersionVector.EMPTY.with(head.replica(), end));
      for (var entry : vector.entries()) {
        boolean isHead = meant.equals(Optional.of(entry.replica()));
        long hash =
            isHead
                ? head.hash()
                : applied.hash(entry.replica(), entry.seq()).map(ChainHash::first).orElse(0L);
        put(heads, new Token.Prefix(entry.replica(), entry.seq(), hash));
      }
    }
    return new Reading(new Token(token.space(), List.copyOf(heads.values())), unknown);
  }

  private static void put(TreeMap<ReplicaId, Token.Prefix> heads, Token.Prefix head) {
    heads.merge(head.replica(), head, (a, b) -> a.seq() >= b.seq() ? a : b);
  }

  /// Of two that have the number the hash tells; where that is not known any more, the number does.
  private Optional<ReplicaId> meant(Token.Prefix head, Applied applied) {
    Optional<ReplicaId> unsure = Optional.empty();
    for (var one : having(head.replica(), head.seq(), applied)) {
      var hash = applied.hash(one, head.seq());
      if (hash.isPresent() && head.matches(hash.get())) {
        return Optional.of(one);
      }
      if (hash.isEmpty()) {
        unsure = unsure.or(() -> Optional.of(one));
      }
    }
    return unsure;
  }

  /// Adds branches that begin where their parent ends, if it was not known to.
  void add(Branch branch, Staging staging) {
    if (!byName.containsKey(branch.name())) {
      staging.put(Table.META, Layout.branch(branch.name()), encode(branch));
      know(branch);
    }
  }

  /// Of a branch nothing is applied, and no proof names it.
  void forget(Branch branch, Staging staging) {
    byName.remove(branch.name());
    staging.remove(Table.META, Layout.branch(branch.name()));
  }

  /// A replica ends sooner than was known: its branches go on from the one that its rest is now.
  void move(ReplicaId parent, ReplicaId rest, Staging staging) {
    for (var branch : List.copyOf(byName.values())) {
      if (branch.parent().equals(parent)) {
        var moved = new Branch(branch.name(), rest, branch.first(), branch.hash());
        staging.put(Table.META, Layout.branch(branch.name()), encode(moved));
        know(moved);
      }
    }
    ends.remove(parent);
  }

  private static byte[] encode(Branch branch) {
    var out = new Encoder(80).replica(branch.parent()).varint(branch.first());
    return out.raw(branch.hash().bytes()).toBytes();
  }

  private static Branch decode(byte[] key, byte[] value) {
    try {
      var name = new Decoder(key, 1, key.length - 1).replica();
      var in = new Decoder(value);
      var branch = new Branch(name, in.replica(), in.seq(), ChainHash.read(in));
      in.finish();
      return branch;
    } catch (MalformedException broken) {
      throw new AssertionError("a broken branch", broken);
    }
  }
}
