package io.starling.replica.hosting;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.hosting.Salvage.Salvaged;
import io.starling.replica.message.Token;
import io.starling.replica.status.SpaceStatus;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/// What a member waits for, and for how long, that makes a space anew whose store was damaged (ADR
/// 19): when it is done, what it gives up, when clients are let in meanwhile, and what an operator
/// is told.
///
/// It does no I/O and is told the time. Whoever goes by it looks again and again, in this order:
/// [#isDue], [#mayFeed], [#fed] if it has read the logs of the damaged stores, [#verdict].
///
/// Two times are measured. *Patience* runs while nothing changes: neither what is missing, nor what
/// kind of company this member is in; and only once all was taken that the logs have of it, for it
/// takes a while to be applied. Who has become a host alone waits it out anew, for a host that was
/// just taken off still gives what it has. And the whole *stretch* in which members are in reach:
/// ten times the patience. After that the space serves what is here, though members say that they
/// have more, or have more at every moment since writes go on. Nothing is given up for that: they
/// may have it.
public final class MakingAnew {

  /// The stretch, in patiences.
  public static final int STRETCH = 10;

  /// How many times in one patience the logs of the damaged stores are read again.
  private static final int FEEDS = 6;

  private final KeyFingerprint self;
  private final long patience;
  private final boolean isKnown;
  private final Predicate<VersionVector.Entry> isLostOfSystem;

  private Company company = Company.AMONG_HOSTS;
  private List<SpaceStatus.PeerStatus> reached = List.of();
  private boolean isAny;
  private boolean isLevel;
  // Members in reach that have more have given nothing for a while.
  private boolean isGivenNothing;

  // All who host the space are in reach, and none has had more for a while.
  private boolean isLevelForLong;
  private long unlevelNanos;

  // Of the waiting for members that have more.
  private Optional<Token> token = Optional.empty();
  private long movedNanos;
  private long lookedNanos;
  private long reachedNanos;
  private boolean hasWaited;

  // Of the waiting for what is missing.
  private SortedMap<ReplicaId, Had.Missing> missing = Collections.emptySortedMap();
  private long sinceNanos;
  private boolean isLate;
  // All that the logs have of it was taken.
  private boolean isFed;
  private boolean isRead;
  private Salvaged salvaged = Salvaged.NOTHING;
  private OptionalLong fedNanos = OptionalLong.empty();

  /// Who else there is, at a moment.
  ///
  /// @param others the other members that host the space and have not lapsed
  /// @param isSystemAnew whether `_system`, which says so, is made anew
  public record Around(Company company, SortedSet<KeyFingerprint> others, boolean isSystemAnew) {}

  /// What follows from a look.
  ///
  /// @param serves whether clients may be let in; once they are they stay
  /// @param trouble what an operator is to be told if it is news
  public record Verdict(End end, boolean serves, Optional<Trouble> trouble) {

    private static final Verdict WAIT = new Verdict(End.NOT_YET, false, Optional.empty());

    private static Verdict over(End end) {
      return new Verdict(end, true, Optional.empty());
    }
  }

  /// Whether it is over.
  public enum End {
    NOT_YET,
    /// All is here that can be had.
    WHOLE,
    /// What is missing cannot be had any more.
    GIVEN_UP
  }

  /// Why it is not over after a while.
  public enum Trouble {
    /// Members in reach have more, or say so.
    BEHIND,
    /// Members that are not in reach are waited for, or the causes of what was read.
    AWAITED,
    /// This member is no host: what it cannot read or apply it cannot hand over.
    NO_HOST
  }

  /// @param isKnown whether all could be read that the damaged stores had applied
  /// @param isLostOfSystem whether a batch of `_system` is neither here, where that is made anew,
  ///   nor with any other member, all of which are in reach
  /// @param nowNanos the time, as it is each time: of a clock that only goes on
  public MakingAnew(
      KeyFingerprint self,
      Duration patience,
      boolean isKnown,
      Predicate<VersionVector.Entry> isLostOfSystem,
      long nowNanos) {
    this.self = self;
    this.patience = patience.toNanos();
    this.isKnown = isKnown;
    this.isLostOfSystem = isLostOfSystem;
    movedNanos = nowNanos;
    lookedNanos = nowNanos;
    sinceNanos = nowNanos;
    unlevelNanos = nowNanos;
  }

  /// The members in reach that have no more of a space than is here.
  public static SortedSet<KeyFingerprint> level(SpaceStatus status) {
    return level(reached(status));
  }

  private static SortedSet<KeyFingerprint> level(List<SpaceStatus.PeerStatus> reached) {
    var level = new TreeSet<KeyFingerprint>();
    reached.stream().filter(it -> it.ahead() == 0).forEach(it -> level.add(it.key()));
    return level;
  }

  private static List<SpaceStatus.PeerStatus> reached(SpaceStatus status) {
    return status.peers().stream().filter(it -> it.isUp() && it.applied().isPresent()).toList();
  }

  /// Whether to go on with this look: no member in reach has more than is here, and one is, unless
  /// there is none to wait for; or those that say they have more have given nothing for a while, or
  /// the stretch is over.
  public boolean isDue(SpaceStatus status, Around around, long nowNanos) {
    note(around.company(), nowNanos);
    reachedNanos += reached.isEmpty() ? 0 : nowNanos - lookedNanos;
    lookedNanos = nowNanos;
    reached = reached(status);
    isAny = !status.token().heads().isEmpty();
    // Who hosts the space no longer is given nothing: it waits for nobody.
    isLevel =
        company == Company.NO_HOST
            || (status.catchingUp().isEmpty() && reached.stream().allMatch(it -> it.ahead() == 0));
    isGivenNothing = false;
    unlevelNanos = areAllLevel(around) ? unlevelNanos : nowNanos;
    isLevelForLong = nowNanos - unlevelNanos > patience;
    if (company == Company.AMONG_HOSTS && reached.isEmpty()) {
      waiting(status, nowNanos);
      return false;
    }
    if (isLevel) {
      sinceNanos = hasWaited ? nowNanos : sinceNanos;
      waitAnew(nowNanos);
      return true;
    }
    if (!Optional.of(status.token()).equals(token) || status.catchingUp().isPresent()) {
      waiting(status, nowNanos);
    } else if (nowNanos - movedNanos > patience) {
      isGivenNothing = true;
      waitAnew(nowNanos);
    }
    return isGivenNothing || isStretched();
  }

  private void waiting(SpaceStatus status, long nowNanos) {
    hasWaited = true;
    token = Optional.of(status.token());
    movedNanos = nowNanos;
  }

  private void waitAnew(long nowNanos) {
    hasWaited = false;
    token = Optional.empty();
    movedNanos = nowNanos;
  }

  private boolean isStretched() {
    return reachedNanos > STRETCH * patience;
  }

  private boolean note(Company now, long nowNanos) {
    boolean isNews = now != company;
    if (isNews) {
      company = now;
      sinceNanos = nowNanos;
    }
    return isNews;
  }

  /// Notes what is missing now.
  ///
  /// @return whether to read what there is of it in the logs of the damaged stores
  public boolean mayFeed(SortedMap<ReplicaId, Had.Missing> missing, long nowNanos) {
    if (!missing.equals(this.missing)) {
      this.missing = missing;
      sinceNanos = nowNanos;
      isFed = false;
    }
    isLate = nowNanos - sinceNanos > patience;
    isRead = false;
    return !missing.isEmpty() && (fedNanos.isEmpty() || isFeedDue(fedNanos.getAsLong(), nowNanos));
  }

  /// Now and again, and once when it has become late: what is told then, and given up, goes by it.
  private boolean isFeedDue(long lastNanos, long nowNanos) {
    boolean isFirstLate = isLate && lastNanos - sinceNanos <= patience;
    return isFirstLate || nowNanos - lastNanos > patience / FEEDS;
  }

  /// Notes what came of that, which may have taken long.
  ///
  /// @param more what there was: it is applied once its causes are; what was not taken of it has
  ///   not been waited for yet
  public void fed(Salvaged more, long nowNanos) {
    isRead = true;
    salvaged = more;
    fedNanos = OptionalLong.of(nowNanos);
    if (!more.isTaken() || !isFed) {
      sinceNanos = nowNanos;
      isLate = false;
    }
    isFed = more.isTaken();
  }

  /// What follows, by who there is after all that.
  public Verdict verdict(Around around, long nowNanos) {
    if (note(around.company(), nowNanos)) {
      return Verdict.WAIT;
    }
    if (missing.isEmpty() && isWhole(around)) {
      return Verdict.over(End.WHOLE);
    }
    if (isLate && isNowhere(around)) {
      return Verdict.over(End.GIVEN_UP);
    }
    // With nothing at all here the whole cluster may be damaged; who is alone has to make do.
    boolean mayServe = isAny || company == Company.ALONE;
    return trouble()
        .map(it -> new Verdict(End.NOT_YET, mayServe, Optional.of(it)))
        .orElse(Verdict.WAIT);
  }

  /// Nothing is known to be missing: is that so, or is it not known what there was?
  private boolean isWhole(Around around) {
    if (!isAny && !isLevel) {
      // That who has more gives nothing does not say that there is nothing.
      return false;
    }
    if (isKnown) {
      return true;
    }
    return switch (company) {
      case AMONG_HOSTS -> isLevelWithAll(around);
      // Who was just taken off the hosts may not have been heard yet.
      case ALONE -> isLate && around.isSystemAnew() && isLevelWithAll(around);
      case NO_HOST -> false;
    };
  }

  /// Whether no member in reach has more, or gives more.
  private boolean isLevelInReach() {
    return isLevel || isGivenNothing;
  }

  private boolean isLevelWithAll(Around around) {
    return isLevelInReach() && areAllLevel(around);
  }

  private boolean areAllLevel(Around around) {
    return level(reached).containsAll(around.others());
  }

  /// Whether what is missing cannot be had any more: own batches that cannot be read, and that
  /// nobody in reach has; what is stranded; and all that could not be applied, if nobody else hosts
  /// the space.
  private boolean isNowhere(Around around) {
    return !missing.isEmpty()
        && isRead
        && isLevelInReach()
        && switch (company) {
          // That who has more gives nothing does not say that there is nothing.
          case AMONG_HOSTS -> (isLevel || isAny) && (isLost() || areStranded(around));
          case ALONE -> around.isSystemAnew();
          case NO_HOST -> false;
        };
  }

  private boolean isLost() {
    return salvaged.found() == Salvage.Found.NOTHING
        && missing.keySet().stream().allMatch(this::isOwn);
  }

  /// Whether what can be read is of no use, and what cannot is with nobody: that is so once all who
  /// host the space have shown that they do not have what is lost.
  private boolean areStranded(Around around) {
    if (around.others().isEmpty() || !isLevelForLong) {
      return false;
    }
    var first = new TreeMap<ReplicaId, Stranded.First>();
    missing.forEach((replica, it) -> {
      var batch = Optional.ofNullable(salvaged.next().get(replica));
      first.put(replica, new Stranded.First(it.have() + 1, batch));
    });
    return Stranded.areAll(self, first, isLostOfSystem);
  }

  private boolean isOwn(ReplicaId replica) {
    return replica.key().equals(self);
  }

  private Optional<Trouble> trouble() {
    if (!isLate && !isStretched()) {
      return Optional.empty();
    }
    if (company == Company.NO_HOST) {
      return Optional.of(Trouble.NO_HOST);
    }
    return Optional.of(isLevel ? Trouble.AWAITED : Trouble.BEHIND);
  }
}
