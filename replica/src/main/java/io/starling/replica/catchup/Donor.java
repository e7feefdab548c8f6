package io.starling.replica.catchup;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.limits.Limits;
import io.starling.replica.message.Transfer;
import io.starling.replica.port.SnapshotPort;
import io.starling.replica.state.SpaceState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/// Gives others the state of a space, each from one snapshot. Works in small pieces, between which
/// writes go on.
public final class Donor {

  /// Sessions at a time; over it, refused as busy.
  public static final int SESSIONS_MAX = 2;

  /// Bytes that a joiner must take in [#PACE_TICKS], a cell that either side has looked at counting
  /// as one; one that takes less keeps a snapshot from being let go, and is refused.
  static final long PACE_BYTES = 64 * 1024;

  /// Ticks in which a joiner must have come forward, and a donor too.
  static final long PACE_TICKS = 600;

  /// Ticks after which who looks through its cells says that it is still there.
  static final long LIFE_TICKS = 10;

  /// What one side may have looked at, beside three times the donor's cells; over it, its signs of
  /// life count no more.
  static final long LOOKED_MAX = 100_000;

  /// How often either side may look at each cell.
  static final int LOOKS = 4;

  /// Ticks after which a session is forgotten whose joiner asks for nothing.
  private static final long IDLE_TICKS = 100;

  // Ticks after which the same joiner may begin anew.
  private static final long REST_TICKS = 5;

  private final SpaceId space;
  private final SpaceState state;
  private final SnapshotPort snapshots;
  private final Supplier<VersionVector> stable;
  private final long bytesPerTick;
  private final TreeMap<KeyFingerprint, Session> sessions = new TreeMap<>();
  private final TreeMap<KeyFingerprint, Long> rests = new TreeMap<>();
  private long tick;
  private long budget;

  /// @param stable what all members have applied
  public Donor(
      SpaceId space,
      SpaceState state,
      SnapshotPort snapshots,
      Supplier<VersionVector> stable,
      Limits limits) {
    this.space = space;
    this.state = state;
    this.snapshots = snapshots;
    this.stable = stable;
    this.bytesPerTick = Limits.DONOR_BYTES_PER_SECOND * limits.tick().toMillis() / 1_000;
    this.budget = bytesPerTick;
  }

  private final class Session {
    private final long number;
    private final DonorSession donating;
    private long lastTick = tick;
    private long pacedTick = tick;
    private long pacedBytes;
    private long saidTick = tick;
    private long looked;
    private long theyLooked;

    private Session(long number, DonorSession donating) {
      this.number = number;
      this.donating = donating;
    }

    private void give(Transfer transfer) {
      long bytes = transfer instanceof Transfer.Page page ? page.bytes() : 0;
      saidTick = tick;
      budget -= bytes;
      pacedBytes += bytes;
    }

    /// Bytes that went before are no step forward.
    private void giveAgain(Transfer.Page page) {
      budget -= page.bytes();
    }

    /// The joiner looks through its cells, of which there are about as many as here.
    void heard(long cells) {
      if (cells > theyLooked && cells <= LOOKED_MAX + LOOKS * donating.cells()) {
        pacedBytes += cells - theyLooked;
        theyLooked = cells;
        lastTick = tick;
      }
    }

    /// A sign of life, if it is time for one.
    Optional<Transfer> life() {
      long now = donating.looked();
      pacedBytes += now - looked;
      boolean isDue = donating.hasWork() && now > looked && tick - saidTick >= LIFE_TICKS;
      looked = now;
      if (!isDue) {
        return Optional.empty();
      }
      saidTick = tick;
      return Optional.of(new Transfer.Looking(now));
    }

    /// Whether nobody should wait for its joiner any more.
    private boolean isStale() {
      if (tick - pacedTick >= PACE_TICKS) {
        boolean isSlow = pacedBytes < PACE_BYTES;
        pacedTick = tick;
        pacedBytes = 0;
        return isSlow;
      }
      return tick - lastTick > IDLE_TICKS;
    }
  }

  /// A joiner has sent something.
  List<Answer> on(KeyFingerprint from, long session, Transfer transfer) {
    return switch (transfer) {
      case Transfer.Ask ask -> begin(from, session, ask);
      case Transfer.Leaves leaves -> {
        var found = find(from, session);
        found.ifPresent(it -> it.lastTick = tick);
        boolean isTaken = found.isPresent() && found.get().donating.told(leaves);
        if (found.isPresent() && !isTaken) {
          end(from);
        }
        yield isTaken ? List.of() : gone(from, session);
      }
      case Transfer.Get(long page) -> {
        var found = find(from, session);
        found.ifPresent(it -> it.lastTick = tick);
        yield found.isPresent() ? again(from, found.get(), page) : gone(from, session);
      }
      case Transfer.Looking(long cells) -> {
        find(from, session).ifPresent(it -> it.heard(cells));
        yield List.of();
      }
      case Transfer.Offer _, Transfer.Page _, Transfer.Refused _ -> List.of();
      case Transfer.Compare _, Transfer.Compared _, Transfer.Fetch _ -> List.of();
    };
  }

  private List<Answer> begin(KeyFingerprint from, long session, Transfer.Ask ask) {
    if (find(from, session).isPresent()) {
      // The question came twice. From another snapshot there would be another answer.
      return List.of();
    }
    end(from);
    if (state.unattested().isPresent()) {
      return List.of(
          Answer.refused(
              from,
              session,
              Transfer.Reason.UNATTESTED,
              "its own state was never confirmed by a third member"));
    }
    // To begin takes a while, and nobody has a reason to do so again at once.
    boolean isRushed = tick < rests.getOrDefault(from, 0L);
    if (isRushed || sessions.size() >= SESSIONS_MAX || state.isJoining()) {
      var why =
          state.isJoining()
              ? "it is itself being joined with another's state"
              : "it gives its state to others";
      return List.of(Answer.refused(from, session, Transfer.Reason.BUSY, why));
    }
    rests.values().removeIf(until -> until <= tick);
    rests.put(from, tick + REST_TICKS);
    var donating = new DonorSession(space, snapshots.open(), ask, stable.get());
    sessions.put(from, new Session(session, donating));
    return List.of();
  }

  private Optional<Session> find(KeyFingerprint from, long number) {
    return Optional.ofNullable(sessions.get(from)).filter(it -> it.number == number);
  }

  private static List<Answer> gone(KeyFingerprint from, long session) {
    return List.of(
        Answer.refused(
            from, session, Transfer.Reason.GONE, "it does not know this transfer any more"));
  }

  private List<Answer> again(KeyFingerprint to, Session session, long number) {
    var page = session.donating.get(number);
    if (page.isEmpty() || budget <= 0) {
      return List.of();
    }
    session.giveAgain(page.get());
    return List.of(new Answer(to, session.number, page.get()));
  }

  /// Whether there is something to do.
  public boolean hasWork() {
    return budget > 0 && sessions.values().stream().anyMatch(it -> it.donating.hasWork());
  }

  /// Does a small piece of it.
  List<Answer> work() {
    var answers = new ArrayList<Answer>();
    for (var entry : List.copyOf(sessions.entrySet())) {
      var session = entry.getValue();
      if (budget > 0 && session.donating.hasWork()) {
        session.lastTick = tick;
        for (var transfer : session.donating.work()) {
          answers.add(new Answer(entry.getKey(), session.number, transfer));
          session.give(transfer);
          if (transfer instanceof Transfer.Refused) {
            end(entry.getKey());
          }
        }
      }
    }
    return answers;
  }

  /// Time has passed.
  List<Answer> tick() {
    tick++;
    budget = Math.min(bytesPerTick, budget + bytesPerTick);
    var answers = new ArrayList<Answer>();
    for (var entry : List.copyOf(sessions.entrySet())) {
      var session = entry.getValue();
      session.life().ifPresent(it -> answers.add(new Answer(entry.getKey(), session.number, it)));
      if (session.isStale()) {
        end(entry.getKey());
      }
    }
    return answers;
  }

  /// Messages to a joiner would be lost for now.
  public void end(KeyFingerprint joiner) {
    var ended = sessions.remove(joiner);
    if (ended != null) {
      ended.donating.close();
    }
  }

  /// Ends all sessions.
  void close() {
    List.copyOf(sessions.keySet()).forEach(this::end);
  }
}
