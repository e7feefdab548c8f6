package io.starling.node.backup.restore;

import com.google.protobuf.ByteString;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Texts;
import io.starling.node.backup.Manifest;
import io.starling.node.backup.repository.Repository;
import io.starling.node.client.ClientException;
import io.starling.replica.request.Mutation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Brings keys of a backup or an export back as new writes into a cluster that runs.
///
/// These and the space are walked side by side in the order of their keys, some keys at a time.
/// What differs is written in transactions that answer to the read in which it differed: what
/// others write meanwhile on other nodes merges with it, and where a key changed on this node
/// since, it is read and compared anew. Small keys share a transaction; a key that is too large for
/// one is written in several.
///
/// Running it again goes on where it was broken off, and does nothing when all is as wanted. For
/// one thread.
public final class KeyRestore {

  /// Keys that are compared at a time.
  static final int KEYS_MAX = 200;

  /// Mutations in one transaction.
  static final int MUTATIONS_MAX = 2_000;

  /// Bytes of mutations in one transaction, unless one alone has more.
  static final int BYTES_MAX = 256 << 10;

  private static final int TRIES_MAX = 8;
  private static final Comparator<String> BY_BYTES = Texts::compareUtf8;

  private final RunningSpace target;
  private final boolean deletesExtra;
  private final boolean isDryRun;
  private final Consumer<Item> listener;
  private long unchanged;
  private long written;
  private long removed;
  private long kept;
  private long failed;

  /// What becomes of a key, or would.
  public enum Action {
    WRITE,
    REMOVE,
    /// Something is there that the backup has not, and stays.
    KEEP,
    FAIL
  }

  /// What became of a key that is not just as it was in the backup.
  public record Item(Action action, KeyPlan plan, Optional<String> failure) {}

  /// What came of it all.
  ///
  /// @param unchanged keys that read as in the backup already
  /// @param kept keys of which something stays that the backup has not
  public record Summary(long unchanged, long written, long removed, long kept, long failed) {}

  /// Which keys.
  public sealed interface Selection {
    record One(String key) implements Selection {}

    record Beginning(String prefix) implements Selection {}
  }

  /// @param deletesExtra whether what the backup has not goes
  /// @param isDryRun whether nothing is written
  /// @param listener is told of each key that is not just as it was in the backup
  public KeyRestore(
      RunningSpace target, boolean deletesExtra, boolean isDryRun, Consumer<Item> listener) {
    this.target = target;
    this.deletesExtra = deletesExtra;
    this.isDryRun = isDryRun;
    this.listener = listener;
  }

  /// A key of the backup that waits to be compared.
  private record Wanted(View view, Optional<String> obstacle) {}

  /// A plan, and the read that it answers to.
  private record Planned(KeyPlan plan, View wanted, ByteString token) {}

  /// A client's failure on its way through a visitor.
  private static final class Carried extends IOException {
    private static final long serialVersionUID = 1;
    private final transient ClientException failure;

    private Carried(ClientException failure) {
      super(failure);
      this.failure = failure;
    }
  }

  /// Brings back what is selected.
  public Summary run(Repository repository, Manifest.SpaceEntry space, Selection selection)
      throws IOException, ClientException {
    var keys = new BackupKeys(repository, space);
    return switch (selection) {
      case Selection.One(var key) -> one(keys, key);
      case Selection.Beginning(var prefix) -> run(keys, prefix);
    };
  }

  /// Brings back all that begins with a prefix.
  ///
  /// @throws IOException also if the keys cannot be read on: those before are brought back, but for
  ///   [#KEYS_MAX] at most
  public Summary run(WantedKeys keys, String prefix) throws IOException, ClientException {
    try {
      beginning(keys, prefix);
    } catch (Carried carried) {
      throw carried.failure;
    }
    return summary();
  }

  private Summary summary() {
    return new Summary(unchanged, written, removed, kept, failed);
  }

  private Summary one(BackupKeys keys, String key) throws IOException, ClientException {
    var wanted = new TreeMap<String, Wanted>(BY_BYTES);
    keys.one(key, (name, view, obstacle) -> wanted.put(name, new Wanted(view, obstacle)));
    var one = wanted.getOrDefault(key, new Wanted(new View.Absent(), Optional.empty()));
    settle(List.of(planned(key, one, target.read(key))));
    return summary();
  }

  private void beginning(WantedKeys keys, String prefix) throws IOException, ClientException {
    var waiting = new TreeMap<String, Wanted>(BY_BYTES);
    var after = new String[] {""};
    keys.beginning(
        prefix,
        (key, view, obstacle) -> {
          waiting.put(key, new Wanted(view, obstacle));
          if (waiting.size() >= KEYS_MAX) {
            try {
              compare(prefix, after[0], Optional.of(key), waiting);
            } catch (ClientException failure) {
              throw new Carried(failure);
            }
            after[0] = key;
          }
        });
    compare(prefix, after[0], Optional.empty(), waiting);
  }

  /// Compares the keys that wait with those that are there, and empties what waits.
  ///
  /// @param after keys beyond this one
  /// @param upTo the last key; empty for all that follow
  private void compare(
      String prefix, String after, Optional<String> upTo, TreeMap<String, Wanted> waiting)
      throws IOException, ClientException {
    var from = after;
    boolean isMore = true;
    while (isMore) {
      var page = target.scan(prefix, from, KEYS_MAX);
      var there = new TreeMap<String, RunningSpace.Found>(BY_BYTES);
      for (int i = 0; i < page.keys().size(); i++) {
        var key = page.keys().get(i);
        if (upTo.isEmpty() || BY_BYTES.compare(key, upTo.get()) <= 0) {
          there.put(key, target.found(key, page.readings().get(i), page.token()));
        }
      }
      boolean isAllSeen = there.size() < page.keys().size() || !page.more();
      var last = isAllSeen || there.isEmpty() ? upTo : Optional.of(there.lastKey());
      plan(waiting, there, last, page.token());
      isMore = !isAllSeen;
      from = page.keys().isEmpty() ? from : page.keys().getLast();
    }
  }

  /// Plans and settles all keys up to one.
  private void plan(
      TreeMap<String, Wanted> waiting,
      TreeMap<String, RunningSpace.Found> there,
      Optional<String> last,
      ByteString token)
      throws IOException, ClientException {
    var due = last.isPresent() ? waiting.headMap(last.get(), true) : waiting;
    var names = new java.util.TreeSet<>(BY_BYTES);
    names.addAll(due.keySet());
    names.addAll(there.keySet());
    var plans = new ArrayList<Planned>();
    for (var key : names) {
      var nothing = new Wanted(new View.Absent(), Optional.empty());
      var absent = new RunningSpace.Found(new View.Absent(), token, Optional.empty());
      plans.add(planned(key, due.getOrDefault(key, nothing), there.getOrDefault(key, absent)));
    }
    due.clear();
    settle(plans);
  }

  private Planned planned(String key, Wanted wanted, RunningSpace.Found there) {
    var obstacle =
        wanted
            .obstacle()
            .or(() -> there.obstacle().map(why -> why + "; restore its node or space"));
    var plan =
        obstacle
            .map(why -> KeyPlan.impossible(key, why))
            .orElseGet(() -> KeyPlan.of(key, wanted.view(), there.view(), deletesExtra));
    return new Planned(plan, wanted.view(), there.token());
  }

  /// Carries plans out, small ones together.
  private void settle(List<Planned> plans) throws IOException, ClientException {
    var group = new ArrayList<Planned>();
    int size = 0;
    int bytes = 0;
    for (var planned : plans) {
      var plan = planned.plan();
      if (plan.mutations().isEmpty() || isDryRun) {
        tell(planned, Optional.empty());
        continue;
      }
      int more = bytes(plan.mutations());
      boolean isFull = size + plan.mutations().size() > MUTATIONS_MAX || bytes + more > BYTES_MAX;
      if (isFull && !group.isEmpty()) {
        write(group);
        group.clear();
        size = 0;
        bytes = 0;
      }
      group.add(planned);
      size += plan.mutations().size();
      bytes += more;
    }
    if (!group.isEmpty()) {
      write(group);
    }
  }

  private void write(List<Planned> group) throws IOException, ClientException {
    if (group.size() > 1) {
      var all = new ArrayList<Mutation>();
      group.forEach(it -> all.addAll(it.plan().mutations()));
      try {
        // All of one page, so of one token.
        target.apply(all, group.getFirst().token(), group.getFirst().token());
        for (var one : group) {
          tell(one, Optional.empty());
        }
        return;
      } catch (ClientException refused) {
        requireRefusal(refused);
      }
    }
    for (var one : group) {
      writeAlone(one);
    }
  }

  /// Writes a key by itself, and compares it anew as long as it changes meanwhile.
  private void writeAlone(Planned first) throws IOException, ClientException {
    var planned = first;
    for (int tries = 1; ; tries++) {
      try {
        var unchangedSince = planned.token();
        for (var some : portions(planned.plan().mutations())) {
          unchangedSince = target.apply(some, planned.token(), unchangedSince);
        }
        tell(planned, Optional.empty());
        return;
      } catch (ClientException refused) {
        requireRefusal(refused);
        if (!isStale(refused) || tries == TRIES_MAX) {
          var why = isStale(refused) ? "it changes all the time" : refused.getMessage();
          tell(planned, Optional.of(String.valueOf(why)));
          return;
        }
      }
      var wanted = new Wanted(planned.wanted(), Optional.empty());
      planned = planned(planned.plan().key(), wanted, target.read(planned.plan().key()));
    }
  }

  private static boolean isStale(ClientException refused) {
    return refused.word().equals("ABORTED");
  }

  /// Lets refusals of a transaction pass; what is about the node or the caller ends it all.
  private static void requireRefusal(ClientException failure) throws ClientException {
    switch (failure.word()) {
      case "ABORTED", "FAILED_PRECONDITION", "INVALID_ARGUMENT", "TOO_LARGE" -> {}
      default -> throw failure;
    }
  }

  private static List<List<Mutation>> portions(List<Mutation> mutations) {
    var portions = new ArrayList<List<Mutation>>();
    var portion = new ArrayList<Mutation>();
    int bytes = 0;
    for (var mutation : mutations) {
      int more = bytes(List.of(mutation));
      if (!portion.isEmpty() && (portion.size() >= MUTATIONS_MAX || bytes + more > BYTES_MAX)) {
        portions.add(List.copyOf(portion));
        portion.clear();
        bytes = 0;
      }
      portion.add(mutation);
      bytes += more;
    }
    portions.add(List.copyOf(portion));
    return portions;
  }

  private static int bytes(List<Mutation> mutations) {
    return mutations.stream()
        .mapToInt(it -> io.starling.node.api.wire.WireMutations.write(it).getSerializedSize())
        .sum();
  }

  private void tell(Planned planned, Optional<String> refusal) {
    var plan = planned.plan();
    var why =
        refusal.or(() ->
            plan.obstacles().isEmpty()
                ? Optional.empty()
                : Optional.of(String.join("; ", plan.obstacles())));
    boolean isRemoval = planned.wanted() instanceof View.Absent;
    if (why.isPresent()) {
      failed++;
      listener.accept(new Item(Action.FAIL, plan, why));
    } else if (!plan.mutations().isEmpty()) {
      removed += isRemoval ? 1 : 0;
      written += isRemoval ? 0 : 1;
      kept += plan.kept().isEmpty() ? 0 : 1;
      listener.accept(new Item(isRemoval ? Action.REMOVE : Action.WRITE, plan, Optional.empty()));
    } else if (!plan.kept().isEmpty()) {
      kept++;
      listener.accept(new Item(Action.KEEP, plan, Optional.empty()));
    } else {
      unchanged++;
    }
  }
}
