package io.starling.node.witness;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.storage.NodeStore;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.read.SpaceReader;
import io.starling.replica.state.Origin;
import io.starling.replica.state.StoredSpace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks at the witness when a node starts, and keeps it up to date while it runs.
///
/// It is written at the start, every ten seconds if something was applied meanwhile, and at a clean
/// stop, by a thread of its own: no write waits for it. What it costs then is one small file and
/// its sync. If it cannot be written, that is logged once, and the node goes on.
public final class WitnessKeeper implements AutoCloseable {

  /// How long what is applied may be durable and not witnessed.
  public static final Duration EVERY = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(WitnessKeeper.class);

  private final Setup setup;
  private final WitnessFile file;
  private final StorePlace place;
  private final Optional<Finding> finding;
  private final boolean isOff;
  private final Thread thread;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private Supplier<SortedMap<String, SpaceId>> spaces = TreeMap::new;
  private SortedMap<String, Token> witnessed = new TreeMap<>();
  private boolean hasBegun;
  private boolean hasFailed;

  /// What it needs to know.
  ///
  /// @param file where the witness is kept
  /// @param once a file of the store that is written once, when the store is made
  /// @param store open
  /// @param wasEmpty whether nothing at all was stored before any space was opened, which may have
  ///   written since
  /// @param gone whether a space is not to be here any more: nothing is missed of it
  public record Setup(
      ClusterId cluster,
      KeyFingerprint node,
      Path file,
      Path once,
      NodeStore store,
      boolean wasEmpty,
      Predicate<SpaceId> gone,
      InstantSource clock) {}

  /// Compares the store with what was remembered of it. Never fails: what cannot be read is not
  /// compared.
  public static WitnessKeeper open(Setup setup) {
    return new WitnessKeeper(setup);
  }

  private WitnessKeeper(Setup setup) {
    this.setup = setup;
    this.file = new WitnessFile(setup.file());
    this.place = place(setup.once());
    this.thread = Thread.ofVirtual().name("witness").unstarted(this::run);
    var held = file.read();
    this.isOff = held instanceof WitnessFile.Held.Newer;
    // Of a store that was set aside as damaged it is known what became of it.
    boolean isMadeAnew = setup.store().rebuilding().isPresent();
    this.finding = isMadeAnew ? Optional.empty() : examine(held);
  }

  /// What is to be said of the store.
  public Optional<Finding> finding() {
    return finding;
  }

  /// Begins to keep the witness.
  ///
  /// @param hosted the spaces that are open, by name
  public void begin(Supplier<SortedMap<String, SpaceId>> hosted) {
    spaces = hosted;
    hasBegun = true;
    write(false);
    thread.start();
  }

  /// Witnesses a clean stop, if the node had come as far as to begin; after the last write to the
  /// store, and before that is closed.
  @Override
  public void close() throws InterruptedException {
    if (hasBegun) {
      stopping.countDown();
      thread.join();
      write(true);
    }
  }

  private Optional<Finding> examine(WitnessFile.Held held) {
    return switch (held) {
      case WitnessFile.Held.Nothing() -> Optional.empty();
      case WitnessFile.Held.Newer(int format) -> {
        LOG.warn(
            "{} was written by a newer version, in format {}; it is left as it is, and this version"
                + " keeps no witness of its store",
            file.path(),
            format);
        yield Optional.empty();
      }
      case WitnessFile.Held.Broken(var why) -> {
        LOG.warn("{} cannot be read and is written anew: {}", file.path(), why);
        yield Optional.empty();
      }
      case WitnessFile.Held.Read(var witness) -> {
        if (!witness.isOf(setup.cluster(), setup.node())) {
          LOG.warn(
              "{} is the witness of another node, {}; it is written anew",
              file.path(),
              witness.node());
          yield Optional.empty();
        }
        yield examine(witness);
      }
    };
  }

  private Optional<Finding> examine(Witness witness) {
    try {
      return new Examination(witness.without(setup.gone()), place, this::extent).finding();
    } catch (StorageFailure unreadable) {
      LOG.warn(
          "the store cannot be compared with what was remembered of it: {}",
          unreadable.getMessage());
      return Optional.empty();
    }
  }

  private static StorePlace place(Path once) {
    try {
      return StorePlace.of(once);
    } catch (IOException unreadable) {
      LOG.warn("where the store is cannot be told: {}", unreadable.getMessage());
      return StorePlace.UNKNOWN;
    }
  }

  private Examination.Extent extent(Token token) {
    var id = token.space();
    try (var snapshot = setup.store().space(id).snapshot()) {
      boolean isEmpty = setup.wasEmpty() || new StoredSpace(snapshot).token().isEmpty();
      return new Examination.Extent(isEmpty, new SpaceReader(id, snapshot).coverage(token));
    }
  }

  private void run() {
    try {
      while (!stopping.await(EVERY.toSeconds(), TimeUnit.SECONDS)) {
        write(false);
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void write(boolean isClean) {
    if (isOff) {
      return;
    }
    try {
      var marks = marks();
      var tokens = new TreeMap<String, Token>();
      marks.forEach((name, mark) -> tokens.put(name, mark.token()));
      if (!isClean && !tokens.isEmpty() && tokens.equals(witnessed)) {
        return;
      }
      var now = setup.clock().instant();
      file.write(Witness.of(setup.cluster(), setup.node(), now, isClean, place, marks));
      witnessed = tokens;
      hasFailed = false;
    } catch (IOException | StorageFailure failed) {
      if (!hasFailed) {
        LOG.warn(
            "what the store holds cannot be remembered in {}: {}; the node goes on without",
            file.path(),
            failed.getMessage());
      }
      hasFailed = true;
    }
  }

  /// How far each space is, durably.
  private SortedMap<String, Witness.Mark> marks() {
    var marks = new TreeMap<String, Witness.Mark>();
    for (var hosted : spaces.get().entrySet()) {
      var id = hosted.getValue();
      try (var snapshot = setup.store().space(id).snapshot()) {
        var stored = new StoredSpace(snapshot);
        var token = stored.token().orElseGet(() -> new Token(id, List.of()));
        marks.put(hosted.getKey(), new Witness.Mark(own(stored), token));
      }
    }
    return marks;
  }

  private String own(StoredSpace stored) {
    return stored.heads().stream()
        .filter(origin -> origin.replica().key().equals(setup.node()))
        .max(Comparator.comparing(Origin::time))
        .map(last -> last.replica() + " " + last.seq() + " " + last.hash())
        .orElse("");
  }
}
