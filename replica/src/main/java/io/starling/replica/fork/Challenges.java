package io.starling.replica.fork;

import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.ForkProof;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.limits.Pace;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;

/// Which batches to show to others because one was built on another branch than is applied here: of
/// those that it names one is another one here, and where that meets its other half a fork is
/// proven.
///
/// It is not known which one. They are shown a few at a time, drawn by chance, and again for as
/// long as something waits, ever less often: the first ones need not be it, and messages get lost.
///
/// Not thread-safe.
public final class Challenges {

  /// Batches shown at a time for one that waits.
  static final int HEADS_MAX = 8;

  /// Batches that wait for which others are shown in one round.
  static final int WAITING_MAX = 8;

  /// Batches shown in one round, whoever causes it, and their bytes; one is always shown.
  public static final int SHOWN_MAX = 64;

  static final long SHOWN_BYTES_MAX = 1L << 20;

  private final SpaceId space;
  private final Forking forking;
  private final SplittableRandom random;
  private final Pace pace = new Pace();
  private final TreeSet<ForkProof.Place> shown = new TreeSet<>();
  private long shownBytes;

  public Challenges(SpaceId space, Forking forking, SplittableRandom random) {
    this.space = space;
    this.forking = forking;
    this.random = random;
  }

  /// A round has passed.
  public void passed() {
    pace.passed();
    shown.clear();
    shownBytes = 0;
  }

  /// Whether a batch may be shown now: each once a round, and not too many. It counts as shown
  /// then.
  public boolean isDue(ForkProof.Place place) {
    return shown.size() < SHOWN_MAX && shown.add(place);
  }

  /// Whether there is room for its bytes in this round. They count as shown then.
  public boolean mayShow(SignedBatch half) {
    boolean isFirst = shownBytes == 0;
    boolean hasRoom = isFirst || shownBytes + half.bytes() <= SHOWN_BYTES_MAX;
    shownBytes += hasRoom ? half.bytes() : 0;
    return hasRoom;
  }

  /// What to show for a batch that was built on something else.
  public List<ForkProof.Place> of(Batch batch) {
    var places = new ArrayList<ForkProof.Place>();
    if (batch.seq() > 1) {
      places.add(place(batch.replica(), batch.seq() - 1));
    }
    for (var entry : some(batch.context().space().entries(), HEADS_MAX)) {
      places.add(place(entry.replica(), entry.seq()));
    }
    return places;
  }

  /// What to show again, if it is time: for some of those that wait.
  public List<ForkProof.Place> again() {
    if (!pace.isDue()) {
      return List.of();
    }
    var waiting = forking.stuck();
    if (waiting.isEmpty()) {
      return List.of();
    }
    pace.done();
    return some(waiting, WAITING_MAX).stream()
        .flatMap(signed -> of(signed.batch()).stream())
        .distinct()
        .toList();
  }

  private <T> List<T> some(List<T> all, int most) {
    var turned = new ArrayList<>(all);
    if (all.size() > most) {
      Collections.rotate(turned, random.nextInt(all.size()));
    }
    return turned.subList(0, Math.min(most, turned.size()));
  }

  private ForkProof.Place place(ReplicaId replica, long seq) {
    return new ForkProof.Place(space, replica, seq);
  }
}
