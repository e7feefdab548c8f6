package io.starling.replica.read;

import io.starling.crdt.causal.CausalContext;
import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Path;
import io.starling.crdt.read.View;
import io.starling.crdt.read.ViewBuilder;
import io.starling.crdt.value.Value;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.causal.Past;
import io.starling.replica.message.Token;
import io.starling.replica.port.StatePort;
import io.starling.replica.state.Branches;
import io.starling.replica.state.Origin;
import io.starling.replica.state.SpaceLog;
import io.starling.replica.state.StoredSpace;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// Reads a space at one version vector. Not thread-safe; as consistent as its port.
public final class SpaceReader {

  /// Cells that one view may be put together from; a larger value is read by its parts.
  public static final int CELLS_MAX = 100_000;

  /// Headers that are looked at for one page of keys of a type.
  public static final int LOOKS_MAX = 10_000;

  private final SpaceId space;
  private final StoredSpace stored;
  private final CausalContext discounted;

  public SpaceReader(SpaceId space, StatePort state) {
    this(space, state, CausalContext.NOTHING);
  }

  /// A reader that shows values as if certain dots were not there, though they stand.
  ///
  /// @param discounted those dots; sets by elements and counters show them all the same
  public SpaceReader(SpaceId space, StatePort state, CausalContext discounted) {
    this.space = space;
    this.stored = new StoredSpace(state);
    this.discounted = discounted;
  }

  /// The vector that this reader shows.
  public Token token() {
    return stored.token().orElseGet(() -> new Token(space, List.of()));
  }

  /// Whether this reader shows what a token covers.
  public Coverage coverage(Token token) {
    if (!token.space().equals(space)) {
      return Coverage.FOREIGN;
    }
    var plain = coverageOf(token);
    // Replicas that were forked are rare, and the names of their branches are not at hand.
    if (plain == Coverage.COVERED) {
      return plain;
    }
    var branches = stored.branches();
    var read = branches.read(token, stored.applied(branches));
    return read.unknown().isEmpty() ? coverageOf(read.token()) : Coverage.NOT_YET;
  }

  private Coverage coverageOf(Token token) {
    for (var head : token.heads()) {
      var origin = stored.head(head.replica());
      if (origin.isEmpty() || origin.get().seq() < head.seq()) {
        return Coverage.NOT_YET;
      }
      var hash = stored.hash(head.replica(), head.seq());
      if (hash.isPresent() && !head.matches(hash.get())) {
        return Coverage.FOREIGN;
      }
    }
    return Coverage.COVERED;
  }

  /// What is at a path.
  ///
  /// @param elementsMax elements of each set to show, from the first on
  /// @throws TooLargeException if more than [#CELLS_MAX] cells would be read
  public View view(Path path, int elementsMax) {
    if (path.isRoot() && isSet(path.key())) {
      return elements(path, Optional.empty(), elementsMax);
    }
    var builder = new ViewBuilder(path, elementsMax);
    var seen = new int[1];
    byte[] prefix = path.prefix();
    stored.cells(
        prefix,
        prefix,
        (id, cell) -> {
          var shown = cell.joinAbsent(discounted);
          builder.add(id, shown);
          seen[0] += shown.isLive() ? 1 : 0;
          if (seen[0] > CELLS_MAX) {
            throw new TooLargeException(
                "'" + path + "' has more than " + CELLS_MAX + " cells; read it by its parts");
          }
          return true;
        });
    return builder.build();
  }

  /// A page of a set's elements, in order. Where concurrent creation left two sets of different
  /// bias, of the one where additions win; a view shows both. Of a set where removals win, the
  /// removals that stand are passed over.
  ///
  /// @param after the element before the first wanted; empty for the first page
  public View.Elements elements(Path path, Optional<Value> after, int limit) {
    boolean isOther = !hasElement(path, Bias.ADD) && hasElement(path, Bias.REMOVE);
    var bias = isOther ? Bias.REMOVE : Bias.ADD;
    byte[] prefix = CellId.prefix(path, bias.set());
    byte[] from =
        after
            .map(element -> next(new CellId.Element(path, element, bias).canonical()))
            .orElse(prefix);
    var page = new ArrayList<Value>();
    var more = new boolean[1];
    stored.cells(
        from,
        prefix,
        (id, cell) -> {
          if (cell.isLive()) {
            more[0] = page.size() == limit;
            if (!more[0] && id instanceof CellId.Element(_, var element, _)) {
              page.add(element);
            }
          }
          return !more[0];
        });
    return new View.Elements(bias, page, more[0]);
  }

  private boolean hasElement(Path path, Bias bias) {
    if (path.isRoot()) {
      return stored.header(path.key()).count(bias.set()) > 0;
    }
    var found = new boolean[1];
    byte[] prefix = CellId.prefix(path, bias.set());
    stored.cells(
        prefix,
        prefix,
        (_, cell) -> {
          found[0] = cell.isLive();
          return !found[0];
        });
    return found[0];
  }

  /// Whether a set has an element. Costs two look-ups.
  public boolean contains(Path path, Value element) {
    return stored.cell(new CellId.Element(path, element, Bias.ADD)).isLive()
        || stored.cell(new CellId.Element(path, element, Bias.REMOVE)).isLive();
  }

  /// How many elements the set at a key has. Costs one look-up.
  public long cardinality(String key) {
    var header = stored.header(key);
    return header.elements() + header.contestedElements();
  }

  /// A page of the keys that begin with a prefix and have a value.
  ///
  /// @param after the key before the first wanted; empty for the first page
  public KeyPage keys(String prefix, String after, int limit) {
    var keys = new ArrayList<String>();
    var more = new boolean[1];
    stored.headers(
        from(prefix, after),
        prefix.getBytes(StandardCharsets.UTF_8),
        (key, header) -> {
          if (header.isLive()) {
            more[0] = keys.size() == limit;
            if (!more[0]) {
              keys.add(key);
            }
          }
          return !more[0];
        });
    return new KeyPage(keys, more[0]);
  }

  /// A page of the keys that begin with a prefix and hold a type, perhaps beside others. Ends
  /// early, and may be empty, after a look at [#LOOKS_MAX] headers.
  ///
  /// @param after where to begin: behind that key; empty for the first page
  public TypedPage keysOf(CellKind type, String prefix, String after, int limit) {
    var keys = new ArrayList<String>();
    var looked = new ArrayList<String>(1);
    var left = new int[] {LOOKS_MAX};
    var more = new boolean[1];
    stored.headers(
        from(prefix, after),
        prefix.getBytes(StandardCharsets.UTF_8),
        (key, header) -> {
          more[0] = keys.size() == limit || left[0]-- == 0;
          if (!more[0]) {
            looked.clear();
            looked.add(key);
            if (header.count(type) > 0) {
              keys.add(key);
            }
          }
          return !more[0];
        });
    return new TypedPage(keys, more[0] ? looked.stream().findFirst() : Optional.empty());
  }

  private static byte[] from(String prefix, String after) {
    byte[] begin = prefix.getBytes(StandardCharsets.UTF_8);
    byte[] follow = next(after.getBytes(StandardCharsets.UTF_8));
    boolean isWithin = !after.isEmpty() && Arrays.compareUnsigned(follow, begin) > 0;
    return isWithin ? follow : begin;
  }

  /// The keys that the batches beyond a token touched. The token must be covered. Costs a look at
  /// each of these batches, and nothing if the budget does not allow so many.
  ///
  /// @param keysMax more changed keys than this are [Changed.TooMany]
  public Changed changedSince(Token token, int keysMax, LogBudget budget) {
    var past = stored.past(stored.read(token));
    return changedSince(past, stored.branches(), stored.heads(), stored.log(), keysMax, budget);
  }

  /// As above, for who has heads and closes at hand.
  ///
  /// @param past the token, read in full
  /// @param heads of all replicas
  public static Changed changedSince(
      Past past,
      Branches branches,
      List<Origin> heads,
      SpaceLog log,
      int keysMax,
      LogBudget budget) {
    if (!budget.allows(
        heads.stream().mapToLong(head -> head.seq() - seen(past, branches, head)).sum())) {
      return new Changed.OverBudget();
    }
    var keys = new TreeSet<String>();
    for (Origin origin : heads) {
      for (long seq = seen(past, branches, origin) + 1; seq <= origin.seq(); seq++) {
        var batch = log.batch(origin.number(), seq);
        if (batch.isEmpty()) {
          return new Changed.BehindLog();
        }
        for (var transaction : batch.get().batch().transactions()) {
          transaction.operations().forEach(operation -> keys.add(operation.path().key()));
        }
        if (keys.size() > keysMax) {
          return new Changed.TooMany();
        }
        if (!budget.goesOn(batch.get().bytes())) {
          return new Changed.OverBudget();
        }
      }
    }
    return new Changed.Keys(keys);
  }

  private static long seen(Past past, Branches branches, Origin origin) {
    long before = branches.first(origin.replica()) - 1;
    return Math.min(origin.seq(), Math.max(past.seq(origin.replica()), before));
  }

  private boolean isSet(String key) {
    var kinds = stored.header(key).kinds();
    return kinds.equals(EnumSet.of(CellKind.SET))
        || kinds.equals(EnumSet.of(CellKind.REMOVE_WINS_SET));
  }

  /// The bytes that follow next.
  private static byte[] next(byte[] bytes) {
    return Arrays.copyOf(bytes, bytes.length + 1);
  }
}
