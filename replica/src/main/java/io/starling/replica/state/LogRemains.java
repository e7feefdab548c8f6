package io.starling.replica.state;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.BatchEncoding;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.port.Table;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// What is left of the log of a damaged store. Only the batches themselves are believed, each of
/// which names its replica, and only those whose bytes have the hash that was noted for them;
/// whether they are genuine, their signatures say. Whatever cannot be read is passed over.
public final class LogRemains {

  /// Places that cannot be read after which no more is looked for.
  private static final int FAILURES_MAX = 1_000;

  private final StatePort state;
  private final TreeMap<ReplicaId, Chain> chains = new TreeMap<>();

  /// Where the batches of a replica stand.
  ///
  /// @param begins the number of its first batch: 1, but for a branch
  private record Chain(int number, long begins, long last) {}

  /// Looks through the whole log.
  public LogRemains(StatePort state) {
    this.state = state;
    new Look().run();
  }

  /// The last seq of each replica of which there is a batch.
  public SortedMap<ReplicaId, Long> last() {
    var last = new TreeMap<ReplicaId, Long>();
    chains.forEach((replica, chain) -> last.put(replica, chain.last()));
    return last;
  }

  /// The number of the first batch that a replica ever had: 1, but for a branch.
  public long begins(ReplicaId replica) {
    var chain = chains.get(replica);
    return chain == null ? 1 : chain.begins();
  }

  /// A batch, if it can be read and is what was written.
  public Optional<SignedBatch> batch(ReplicaId replica, long seq) {
    var chain = Optional.ofNullable(chains.get(replica));
    try {
      return chain
          .flatMap(it -> state.get(Table.LOG, Layout.log(it.number(), seq)))
          .flatMap(LogRemains::read)
          .filter(it -> it.batch().replica().key().equals(replica.key()))
          .filter(it -> it.batch().seq() == seq);
    } catch (StorageFailure unreadable) {
      return Optional.empty();
    }
  }

  /// A branch is named by its first batch.
  private void note(ReplicaId replica, int number, long seq, byte[] entry) {
    var before = Optional.ofNullable(chains.get(replica)).filter(chain -> chain.number() == number);
    boolean isBranch = ChainHash.ofBytes(entry).first() == replica.incarnation();
    long begins = before.map(Chain::begins).orElse(isBranch ? seq : 1L);
    chains.put(replica, new Chain(number, begins, seq));
  }

  /// A branch goes in its batches by the name of the replica that was forked; the store's number
  /// has the branch's own, if that can still be read.
  private ReplicaId named(int number, ReplicaId author) {
    try {
      var stored = state.get(Table.META, Layout.number(number));
      var name = stored.isEmpty() ? author : new Decoder(stored.get()).replica();
      return name.key().equals(author.key()) ? name : author;
    } catch (StorageFailure | MalformedException unreadable) {
      return author;
    }
  }

  private static Optional<SignedBatch> read(byte[] entry) {
    if (entry.length <= ChainHash.BYTES + SignedBatch.SIGNATURE_BYTES) {
      return Optional.empty();
    }
    var in = new Decoder(entry);
    try {
      var hash = ChainHash.read(in);
      byte[] signature = in.raw(SignedBatch.SIGNATURE_BYTES);
      byte[] body = in.rest();
      boolean isIntact = ChainHash.of(body).equals(hash);
      return isIntact && BatchEncoding.decode(body) instanceof BatchEncoding.Decoded.Read(var batch)
          ? Optional.of(new SignedBatch(batch, hash, body, signature))
          : Optional.empty();
    } catch (MalformedException broken) {
      return Optional.empty();
    }
  }

  /// A look through the log. Where something cannot be read it goes on behind that, in growing
  /// steps: whole blocks of a file are lost at once.
  private final class Look implements StatePort.Visitor {
    private Optional<ReplicaId> replica = Optional.empty();
    private int number;
    private long next;
    private int failures;
    private boolean hasSeen;

    private void run() {
      while (failures < FAILURES_MAX && !scan(Layout.log(number, next), new byte[0])) {
        goOnBehind();
        number++;
        next = 0;
        replica = Optional.empty();
      }
    }

    /// Looks at what can be read behind the entry of the number that cannot.
    private void goOnBehind() {
      byte[] end = Layout.log(number + 1, 0);
      long unreadable = next;
      long step = 1;
      boolean isOver = false;
      while (!isOver && failures < FAILURES_MAX) {
        hasSeen = false;
        boolean isThrough = scan(Layout.log(number, unreadable + step), end);
        if (hasSeen) {
          isOver = isThrough;
          unreadable = next;
          step = 1;
        } else if (isThrough) {
          // Nothing is there; but what was stepped over may be.
          isOver = step == 1;
          unreadable += step / 2;
          step = 1;
        } else {
          step *= 2;
        }
      }
    }

    /// @return whether all could be read
    private boolean scan(byte[] from, byte[] to) {
      try {
        state.scan(Table.LOG, from, to, this);
        return true;
      } catch (StorageFailure unreadable) {
        failures++;
        return false;
      }
    }

    @Override
    public boolean visit(byte[] key, byte[] entry) {
      var in = new Decoder(key);
      try {
        int of = in.u32();
        long seq = in.u64();
        if (of != number) {
          number = of;
          replica = Optional.empty();
        }
        next = seq + 1;
        hasSeen = true;
        replica = replica.or(() -> read(entry).map(it -> named(of, it.batch().replica())));
        replica.ifPresent(it -> note(it, of, seq, entry));
      } catch (MalformedException broken) {
        throw new AssertionError("a broken key in the log", broken);
      }
      return true;
    }
  }
}
