package io.starling.replica.catchup;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.limits.Limits;
import io.starling.replica.message.Transfer;
import io.starling.replica.port.SnapshotPort;
import io.starling.replica.state.SpaceState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Gives others the state of a space, each from one snapshot. Works in small pieces, between which
/// writes go on.
public final class Donor {

  /// Sessions at a time; over it, refused as busy.
  public static final int SESSIONS_MAX = 2;

  /// Ticks after which a session is forgotten whose joiner asks for nothing.
  private static final long IDLE_TICKS = 100;

  private final SpaceId space;
  private final SpaceState state;
  private final SnapshotPort snapshots;
  private final long bytesPerTick;
  private final TreeMap<KeyFingerprint, Session> sessions = new TreeMap<>();
  private long tick;
  private long budget;

  // Ticks after which the same joiner may begin anew.
  private static final long REST_TICKS = 5;

  private final TreeMap<KeyFingerprint, Long> rests = new TreeMap<>();

  private record Session(long number, DonorSession donating, long[] lastTick) {}

  public Donor(SpaceId space, SpaceState state, SnapshotPort snapshots, Limits limits) {
    this.space = space;
    this.state = state;
    this.snapshots = snapshots;
    this.bytesPerTick = Limits.DONOR_BYTES_PER_SECOND * limits.tick().toMillis() / 1_000;
    this.budget = bytesPerTick;
  }

  /// What is to be sent to a joiner.
  public record Answer(KeyFingerprint to, long session, Transfer transfer) {}

  /// A joiner has sent something.
  public List<Answer> on(KeyFingerprint from, long session, Transfer transfer) {
    return switch (transfer) {
      case Transfer.Ask(var groups) -> begin(from, session, groups);
      case Transfer.Leaves leaves -> {
        var found = find(from, session);
        found.ifPresent(it -> it.told(leaves));
        yield found.isPresent() ? List.of() : gone(from, session);
      }
      case Transfer.Get(long page) -> {
        var found = find(from, session);
        yield found.isPresent()
            ? answers(from, session, found.get().get(page))
            : gone(from, session);
      }
      case Transfer.Offer _, Transfer.Page _, Transfer.Refused _ -> List.of();
      case Transfer.Compare _, Transfer.Compared _, Transfer.Fetch _ -> List.of();
    };
  }

  private List<Answer> begin(KeyFingerprint from, long session, List<Long> groups) {
    end(from);
    // To begin takes a while, and nobody has a reason to do so again at once.
    boolean isRushed = tick < rests.getOrDefault(from, 0L);
    if (isRushed || sessions.size() >= SESSIONS_MAX || state.isJoining()) {
      var why =
          state.isJoining()
              ? "it is itself being joined with another's state"
              : "it gives its state to others";
      return List.of(new Answer(from, session, new Transfer.Refused(Transfer.Reason.BUSY, why)));
    }
    rests.values().removeIf(until -> until <= tick);
    rests.put(from, tick + REST_TICKS);
    var donating = new DonorSession(space, snapshots.open());
    sessions.put(from, new Session(session, donating, new long[] {tick}));
    return List.of(new Answer(from, session, donating.offer(groups)));
  }

  private Optional<DonorSession> find(KeyFingerprint from, long session) {
    var known = sessions.get(from);
    if (known == null || known.number() != session) {
      return Optional.empty();
    }
    known.lastTick()[0] = tick;
    return Optional.of(known.donating());
  }

  private static List<Answer> gone(KeyFingerprint from, long session) {
    var refused =
        new Transfer.Refused(Transfer.Reason.GONE, "it does not know this transfer any more");
    return List.of(new Answer(from, session, refused));
  }

  private static List<Answer> answers(
      KeyFingerprint to, long session, Optional<Transfer.Page> page) {
    return page.map(it -> List.of(new Answer(to, session, it))).orElse(List.of());
  }

  /// Whether there is something to do.
  public boolean hasWork() {
    return budget > 0 && sessions.values().stream().anyMatch(it -> it.donating().hasWork());
  }

  /// Does a small piece of it.
  public List<Answer> work() {
    var answers = new ArrayList<Answer>();
    for (var entry : List.copyOf(sessions.entrySet())) {
      var session = entry.getValue();
      if (budget > 0 && session.donating().hasWork()) {
        for (var transfer : session.donating().work()) {
          answers.add(new Answer(entry.getKey(), session.number(), transfer));
          budget -= transfer instanceof Transfer.Page page ? DonorSession.bytes(page) : 0;
          if (transfer instanceof Transfer.Refused) {
            end(entry.getKey());
          }
        }
      }
    }
    return answers;
  }

  /// Time has passed.
  public void tick() {
    tick++;
    budget = Math.min(bytesPerTick, budget + bytesPerTick);
    for (var entry : List.copyOf(sessions.entrySet())) {
      if (tick - entry.getValue().lastTick()[0] > IDLE_TICKS) {
        end(entry.getKey());
      }
    }
  }

  /// Messages to a joiner would be lost for now.
  public void end(KeyFingerprint joiner) {
    var ended = sessions.remove(joiner);
    if (ended != null) {
      ended.donating().close();
    }
  }

  /// How many take the state from here now.
  public int sessions() {
    return sessions.size();
  }
}
