package io.starling.replica.state;

import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.port.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// How much of the log is here: its bytes, and where that of each replica begins. Puts batches at
/// its end and takes them off its front.
///
/// What it remembers of a replica is found by a search when it is first asked for, and takes one
/// search for each batch that is taken off.
public final class LogExtent {

  // What a key and its bookkeeping take up.
  private static final int ENTRY_BYTES = 16;

  private final Staging staging;
  private final SpaceLog log;
  private final TreeSet<Integer> unsearched = new TreeSet<>();
  private final TreeMap<Integer, Front> fronts = new TreeMap<>();
  private final TreeSet<Front> byAge = new TreeSet<>();
  private final TreeMap<Integer, LogStart> hashed = new TreeMap<>();
  private long hashes;
  private long bytes;
  private boolean isChanged;

  /// The oldest batch of a replica that the log holds.
  ///
  /// @param millis its stamp
  /// @param bytes that it takes up
  public record Front(long millis, int number, long seq, int bytes) implements Comparable<Front> {
    private static final Comparator<Front> BY_AGE =
        Comparator.comparingLong(Front::millis)
            .thenComparingInt(Front::number)
            .thenComparingLong(Front::seq);

    @Override
    public int compareTo(Front that) {
      return BY_AGE.compare(this, that);
    }
  }

  /// Loads what a store holds. Costs a scan of the log if that was written by a version that did
  /// not count.
  LogExtent(Staging staging) {
    this.staging = staging;
    this.log = new SpaceLog(staging);
    var counted = staging.get(Table.META, Layout.LOG_USE_KEY);
    bytes = counted.map(LogExtent::decode).orElseGet(this::count);
    isChanged = counted.isEmpty();
    staging.scan(
        Table.META,
        Layout.HEADS,
        Layout.after(Layout.HEADS),
        (key, _) -> unsearched.add(StoredOrigins.number(key)));
  }

  /// Bytes of the batches in the log.
  public long bytes() {
    return bytes;
  }

  void append(int number, long seq, byte[] entry) {
    staging.put(Table.LOG, Layout.log(number, seq), entry);
    bytes += ENTRY_BYTES + entry.length;
    isChanged = true;
    if (!fronts.containsKey(number)) {
      unsearched.add(number);
    }
  }

  /// Keeps the hash of a batch whose body is not here, unless the log holds it or its hash.
  void keepHash(int number, long seq, ChainHash hash) {
    SpaceLog.keepHash(staging, number, seq, hash);
    isChanged = true;
    if (!fronts.containsKey(number)) {
      unsearched.add(number);
    }
  }

  /// Gives the batches of a replica from a number on to another one, which has none. All of them
  /// have their bodies.
  void move(int from, long fromSeq, int to) {
    var moved = new TreeMap<Long, byte[]>();
    staging.scan(
        Table.LOG,
        Layout.log(from, fromSeq),
        Layout.log(from + 1, 0),
        (key, entry) -> {
          moved.put(SpaceLog.seq(key), entry);
          return true;
        });
    moved.forEach((seq, entry) -> {
      staging.remove(Table.LOG, Layout.log(from, seq));
      staging.put(Table.LOG, Layout.log(to, seq), entry);
    });
    var front = fronts.get(from);
    if (front != null && front.seq() >= fromSeq) {
      fronts.remove(from);
      byAge.remove(front);
      unsearched.add(from);
    }
    unsearched.add(to);
    isChanged = true;
  }

  /// Finds the oldest batches of some of the replicas of which they are not known.
  ///
  /// @return how many searches that took; fewer than allowed if all are known now
  public int search(int searchesMax) {
    int searches = 0;
    while (searches < searchesMax && !unsearched.isEmpty()) {
      int number = unsearched.first();
      searches++;
      find(number, LogStart.of(staging, number));
    }
    if (fronts.isEmpty() && unsearched.isEmpty() && bytes > 0) {
      // What was counted was lost in another way.
      bytes = 0;
      isChanged = true;
    }
    return searches;
  }

  private void find(int number, LogStart start) {
    var found = log.search(number, start.bodies());
    boolean hasHashes = start.entries() < start.bodies();
    long entries = hasHashes ? start.entries() : found.firstHash().orElse(found.next());
    begin(number, new LogStart(entries, found.next()));
    if (!found.isCutShort()) {
      unsearched.remove(number);
    }
    found.batch().ifPresent(batch -> know(front(number, batch)));
  }

  /// Remembers where the log of a replica begins from now on.
  private void begin(int number, LogStart start) {
    if (!start.equals(LogStart.of(staging, number))) {
      start.put(staging, number);
      isChanged = true;
    }
    long more = start.bodies() - start.entries();
    var before = more > 0 ? hashed.put(number, start) : hashed.remove(number);
    hashes += more - (before == null ? 0 : before.bodies() - before.entries());
  }

  private static Front front(int number, SignedBatch batch) {
    int size = ENTRY_BYTES + ChainHash.BYTES + batch.bytes();
    return new Front(batch.batch().time().millis(), number, batch.batch().seq(), size);
  }

  private void know(Front front) {
    fronts.put(front.number(), front);
    byAge.add(front);
  }

  /// The oldest batch that is known.
  public Optional<Front> oldest() {
    return byAge.isEmpty() ? Optional.empty() : Optional.of(byAge.first());
  }

  /// The next batch that is the oldest of its replica, by age.
  public Optional<Front> after(Front front) {
    return Optional.ofNullable(byAge.higher(front));
  }

  /// Whether there is something to be made durable.
  public boolean isChanged() {
    return isChanged;
  }

  /// Takes the oldest batch of a replica out of the log.
  ///
  /// @param isHashKept whether its hash stays in its place
  public void cut(Front front, boolean isHashKept) {
    int number = front.number();
    byte[] key = Layout.log(number, front.seq());
    // A store that was damaged may have lost it already.
    var hash = isHashKept ? log.hash(number, front.seq()) : Optional.<ChainHash>empty();
    hash.ifPresentOrElse(
        it -> staging.put(Table.LOG, key, it.bytes()), () -> staging.remove(Table.LOG, key));
    bytes -= front.bytes();
    fronts.remove(number);
    byAge.remove(front);
    unsearched.add(number);
    long next = front.seq() + 1;
    long entries = Math.min(LogStart.of(staging, number).entries(), front.seq());
    boolean isFirst = entries == front.seq() && hash.isEmpty();
    var cut = new LogStart(isFirst ? next : entries, next);
    begin(number, cut);
    isChanged = true;
    find(number, cut);
  }

  /// The replicas of which there are hashes without bodies, by number.
  public Optional<Integer> hashedAfter(int number) {
    return Optional.ofNullable(hashed.higherKey(number));
  }

  /// How many hashes without bodies there are at most.
  public long hashes() {
    return hashes;
  }

  /// Takes hashes without bodies out of the log, the first ones of a replica.
  ///
  /// @param upTo the last seq whose hash may go
  /// @return how many have gone; fewer than allowed if none is left up to there
  public int dropHashes(int number, long upTo, int max) {
    var start = hashed.get(number);
    if (start == null || upTo < start.entries()) {
      return 0;
    }
    var gone = new ArrayList<Long>();
    var left = new ArrayList<Long>();
    log.hashes(
        number,
        start.entries(),
        (seq, _) -> {
          boolean goes = seq <= upTo && seq < start.bodies() && gone.size() < max;
          (goes ? gone : left).add(seq);
          return goes;
        });
    gone.forEach(seq -> staging.remove(Table.LOG, Layout.log(number, seq)));
    long entries = Math.min(left.isEmpty() ? start.bodies() : left.getFirst(), start.bodies());
    begin(number, new LogStart(entries, start.bodies()));
    return gone.size();
  }

  /// Stages how much there is.
  void flush() {
    if (isChanged) {
      staging.put(Table.META, Layout.LOG_USE_KEY, new Encoder().u64(bytes).toBytes());
      isChanged = false;
    }
  }

  private static long decode(byte[] value) {
    try {
      return new Decoder(value).u64();
    } catch (MalformedException broken) {
      throw new AssertionError("a broken size of the log", broken);
    }
  }

  private long count() {
    long[] counted = {0};
    staging.scan(
        Table.LOG,
        new byte[0],
        new byte[0],
        (_, entry) -> {
          counted[0] += entry.length > ChainHash.BYTES ? ENTRY_BYTES + entry.length : 0;
          return true;
        });
    return counted[0];
  }
}
