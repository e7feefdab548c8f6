package io.starling.replica.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.CellDigest;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.Commitment;
import io.starling.replica.batch.ContextDifference;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.hosting.MakingAnew.Around;
import io.starling.replica.hosting.MakingAnew.End;
import io.starling.replica.hosting.MakingAnew.Trouble;
import io.starling.replica.hosting.MakingAnew.Verdict;
import io.starling.replica.hosting.Salvage.Found;
import io.starling.replica.hosting.Salvage.Salvaged;
import io.starling.replica.message.Token;
import io.starling.replica.status.SpaceStatus;
import io.starling.replica.status.SpaceStatus.PeerStatus;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Example;

/// What a member waits for that makes a space anew, second by second.
class MakingAnewTest {

  private static final SpaceId SPACE = new SpaceId(1, 2);
  private static final KeyFingerprint SELF = new KeyFingerprint(1, 1);
  private static final KeyFingerprint HOST = new KeyFingerprint(2, 2);
  private static final ReplicaId OWN = new ReplicaId(SELF, 7);
  private static final ReplicaId OWN_SYSTEM = new ReplicaId(SELF, 8);
  private static final ReplicaId OTHERS = new ReplicaId(HOST, 7);
  private static final SortedMap<ReplicaId, Had.Missing> NOTHING = Collections.emptySortedMap();
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final int PATIENCE = 60;
  private static final int STRETCH = MakingAnew.STRETCH * PATIENCE;

  private long now;
  private MakingAnew anew = anew(true);
  private long applied = 1;
  private Found found = Found.NOTHING;
  private boolean isTaken = true;
  private boolean isSystemAnew = true;
  private boolean isSystemLost;
  private int feeds;

  private MakingAnew anew(boolean isKnown) {
    return new MakingAnew(SELF, Duration.ofSeconds(PATIENCE), isKnown, _ -> isSystemLost, now);
  }

  @Example
  void itIsWholeOnceNobodyInReachHasMoreAndNothingIsMissing() {
    assertThat(look(Company.AMONG_HOSTS, List.of(), NOTHING)).isEmpty();
    assertThat(look(Company.AMONG_HOSTS, List.of(peer(1)), NOTHING)).isEmpty();
    assertThat(end(look(Company.AMONG_HOSTS, List.of(peer(0)), NOTHING))).isEqualTo(End.WHOLE);
  }

  @Example
  void nobodyInReachIsWaitedForHoweverLong() {
    var last = during(100 * STRETCH, Company.AMONG_HOSTS, List.of(), missing(OWN));
    assertThat(last).isEmpty();
  }

  @Example
  void ownBatchesThatNobodyHasAreGivenUpAfterTheirPatience() {
    var peers = List.of(peer(0));
    assertThat(during(PATIENCE, Company.AMONG_HOSTS, peers, missing(OWN))).contains(WAIT);
    var last = during(PATIENCE, Company.AMONG_HOSTS, peers, missing(OWN));
    assertThat(end(last)).isEqualTo(End.GIVEN_UP);
  }

  /// A host that is away may have what is lost there.
  @Example
  void whatStandsBehindAHoleIsWaitedForUntilAllHostsAreLevel() {
    found = Found.BEHIND_A_HOLE;
    var some = List.of(peer(new KeyFingerprint(3, 3), 0));
    var last = during(2 * STRETCH, Company.AMONG_HOSTS, some, missing(OWN));
    assertThat(last).contains(new Verdict(End.NOT_YET, true, Optional.of(Trouble.AWAITED)));
    last = during(PATIENCE, Company.AMONG_HOSTS, List.of(peer(0)), missing(OWN));
    assertThat(end(last)).isEqualTo(End.NOT_YET);
    last = during(2 * PATIENCE, Company.AMONG_HOSTS, List.of(peer(0)), missing(OWN));
    assertThat(end(last)).isEqualTo(End.GIVEN_UP);
  }

  @Example
  void whatOthersWroteIsWaitedForAndServedWithout() {
    var peers = List.of(peer(new KeyFingerprint(3, 3), 0));
    var last = during(STRETCH, Company.AMONG_HOSTS, peers, missing(OTHERS));
    assertThat(last).contains(new Verdict(End.NOT_YET, true, Optional.of(Trouble.AWAITED)));
    applied = 0;
    last = during(STRETCH, Company.AMONG_HOSTS, peers, missing(OTHERS));
    assertThat(last).contains(new Verdict(End.NOT_YET, false, Optional.of(Trouble.AWAITED)));
  }

  /// Else an operator would be told first that it is waited for.
  @Example
  void whatIsNowhereIsGivenUpAsSoonAsItIsLate() {
    for (int i = 0; i < 2 * PATIENCE; i++) {
      var verdict = look(Company.AMONG_HOSTS, List.of(peer(0)), missing(OWN)).orElseThrow();
      assertThat(verdict.trouble()).isEmpty();
      if (verdict.end() == End.GIVEN_UP) {
        return;
      }
    }
    throw new AssertionError("not given up");
  }

  /// Its loop may be degraded, and give what it has when there is room again.
  @Example
  void anEmptySpaceIsNotGivenUpWhereSomebodyHasMore() {
    applied = 0;
    var last = during(2 * STRETCH, Company.AMONG_HOSTS, List.of(peer(9)), missing(OWN));
    assertThat(last).contains(new Verdict(End.NOT_YET, false, Optional.of(Trouble.BEHIND)));
    last = during(2 * PATIENCE, Company.AMONG_HOSTS, List.of(peer(0)), missing(OWN));
    assertThat(end(last)).isEqualTo(End.GIVEN_UP);
  }

  @Example
  void whoGivesNothingIsWaitedForOnceAndThenForItsPatience() {
    var last = during(3 * PATIENCE, Company.AMONG_HOSTS, List.of(peer(9)), missing(OWN));
    assertThat(end(last)).isEqualTo(End.GIVEN_UP);
  }

  /// One that claims to be far ahead, or is, while more is applied here all the time.
  @Example
  void whoIsAheadForEverIsWaitedForAStretchAndNothingIsGivenUp() {
    Optional<Verdict> last = Optional.empty();
    for (int second = 0; second <= STRETCH; second++) {
      assertThat(last).isEmpty();
      applied++;
      last = look(Company.AMONG_HOSTS, List.of(peer(9)), missing(OWN));
    }
    for (int second = 0; second <= STRETCH; second++) {
      applied++;
      last = look(Company.AMONG_HOSTS, List.of(peer(9)), missing(OWN));
      assertThat(last).contains(new Verdict(End.NOT_YET, true, Optional.of(Trouble.BEHIND)));
    }
  }

  /// Each time it is level patience begins anew: members that were just heard may have more.
  @Example
  void whoIsAheadNowAndAgainIsWaitedForAStretch() {
    for (int second = 0; second < STRETCH; second++) {
      applied++;
      var ahead = second % 3 == 0 ? 0 : 9;
      var it = look(Company.AMONG_HOSTS, List.of(peer(ahead)), missing(OTHERS));
      assertThat(it.filter(Verdict::serves)).isEmpty();
    }
    applied++;
    now += SECOND;
    var last = look(Company.AMONG_HOSTS, List.of(peer(9)), missing(OTHERS));
    assertThat(last).contains(new Verdict(End.NOT_YET, true, Optional.of(Trouble.BEHIND)));
  }

  @Example
  void atTheEndOfTheStretchNothingIsServedEmpty() {
    applied = 0;
    var last = during(2 * STRETCH, Company.AMONG_HOSTS, List.of(peer(9)), NOTHING);
    // That it gives nothing does not say that there is nothing.
    assertThat(last).contains(new Verdict(End.NOT_YET, false, Optional.of(Trouble.BEHIND)));
    assertThat(end(look(Company.AMONG_HOSTS, List.of(peer(0)), NOTHING))).isEqualTo(End.WHOLE);
    applied = 1;
    anew = anew(true);
    last = during(2 * STRETCH, Company.AMONG_HOSTS, List.of(peer(9)), NOTHING);
    assertThat(end(last)).isEqualTo(End.WHOLE);
    applied = 0;
    anew = anew(false);
    last = during(2 * STRETCH, Company.AMONG_HOSTS, List.of(peer(9)), NOTHING);
    assertThat(last).contains(new Verdict(End.NOT_YET, false, Optional.of(Trouble.BEHIND)));
  }

  /// A host that was just taken off may not have been heard yet, and gives what it has.
  @Example
  void whoBecomesAHostAloneWaitsAnew() {
    during(3 * PATIENCE, Company.AMONG_HOSTS, List.of(peer(0)), missing(OTHERS));
    assertThat(during(PATIENCE, Company.ALONE, List.of(peer(0)), missing(OTHERS))).contains(WAIT);
    var last = during(PATIENCE, Company.ALONE, List.of(peer(0)), missing(OTHERS));
    assertThat(end(last)).isEqualTo(End.GIVEN_UP);
  }

  /// The reading of long logs takes long, and who hosts the space changes meanwhile.
  @Example
  void whoBecomesAHostAloneWhileItReadsWaitsAnew() {
    during(PATIENCE + 1, Company.AMONG_HOSTS, List.of(peer(0)), missing(OTHERS));
    now += PATIENCE * SECOND;
    assertThat(anew.isDue(status(List.of(peer(0))), around(Company.AMONG_HOSTS), now)).isTrue();
    assertThat(anew.mayFeed(missing(OTHERS), now)).isTrue();
    now += PATIENCE * SECOND;
    anew.fed(Salvaged.NOTHING, now);
    assertThat(anew.verdict(around(Company.ALONE), now)).isEqualTo(WAIT);
    assertThat(during(PATIENCE, Company.ALONE, List.of(peer(0)), missing(OTHERS))).contains(WAIT);
  }

  @Example
  void whatIsNotTakenWasNotWaitedFor() {
    found = Found.NEXT;
    isTaken = false;
    var last = during(STRETCH / 2, Company.ALONE, List.of(), missing(OWN));
    assertThat(last).contains(WAIT);
    isTaken = true;
    assertThat(end(during(2 * PATIENCE, Company.ALONE, List.of(), missing(OWN))))
        .isEqualTo(End.GIVEN_UP);
  }

  /// It names a batch of `_system` that this member wrote and that cannot be read.
  @Example
  void whatNamesWhatIsLostIsGivenUpOnceAllHostsAreLevel() {
    found = Found.NEXT;
    var last = during(STRETCH, Company.AMONG_HOSTS, List.of(peer(0)), missing(OWN));
    assertThat(last).contains(new Verdict(End.NOT_YET, true, Optional.of(Trouble.AWAITED)));
    isSystemLost = true;
    var stranger = peer(new KeyFingerprint(3, 3), 0);
    anew = anew(true);
    last = during(STRETCH, Company.AMONG_HOSTS, List.of(stranger), missing(OWN));
    assertThat(end(last)).isEqualTo(End.NOT_YET);
    last = during(2 * PATIENCE, Company.AMONG_HOSTS, List.of(peer(0)), missing(OWN));
    assertThat(end(last)).isEqualTo(End.GIVEN_UP);
  }

  /// Who has it and is no host any more brings it along, if it comes back.
  @Example
  void whatOthersWroteAndNoHostHasIsGivenUp() {
    var stranger = peer(new KeyFingerprint(3, 3), 0);
    var last = during(STRETCH, Company.AMONG_HOSTS, List.of(stranger), missing(OTHERS));
    assertThat(end(last)).isEqualTo(End.NOT_YET);
    last = during(2 * PATIENCE, Company.AMONG_HOSTS, List.of(peer(0)), missing(OTHERS));
    assertThat(end(last)).isEqualTo(End.GIVEN_UP);
  }

  /// A loop that is degraded says nothing, so nobody looks; what it takes after that is applied
  /// only then.
  @Example
  void whatIsTakenAfterAWhileWithoutLooksWasNotWaitedFor() {
    found = Found.NEXT;
    isTaken = false;
    assertThat(look(Company.ALONE, List.of(), missing(OWN))).contains(WAIT);
    now += 2 * PATIENCE * SECOND;
    isTaken = true;
    assertThat(during(PATIENCE, Company.ALONE, List.of(), missing(OWN))).contains(WAIT);
    assertThat(end(during(PATIENCE, Company.ALONE, List.of(), missing(OWN))))
        .isEqualTo(End.GIVEN_UP);
  }

  @Example
  void whoHostsTheSpaceAloneGivesNothingUpBeforeThatIsSure() {
    isSystemAnew = false;
    var last = during(STRETCH, Company.ALONE, List.of(), missing(OWN));
    assertThat(last).contains(new Verdict(End.NOT_YET, true, Optional.of(Trouble.AWAITED)));
    anew = anew(false);
    last = during(STRETCH, Company.ALONE, List.of(), NOTHING);
    assertThat(last).contains(new Verdict(End.NOT_YET, true, Optional.of(Trouble.AWAITED)));
    isSystemAnew = true;
    assertThat(end(during(1, Company.ALONE, List.of(), NOTHING))).isEqualTo(End.WHOLE);
  }

  @Example
  void whoIsNoHostGivesNothingUpAndIsNotDoneWithWhatIsNotKnown() {
    var last = during(STRETCH, Company.NO_HOST, List.of(peer(9)), missing(OWN));
    assertThat(last).contains(new Verdict(End.NOT_YET, true, Optional.of(Trouble.NO_HOST)));
    assertThat(end(look(Company.NO_HOST, List.of(peer(9)), NOTHING))).isEqualTo(End.WHOLE);
    anew = anew(false);
    applied = 0;
    last = during(STRETCH, Company.NO_HOST, List.of(peer(0)), NOTHING);
    assertThat(last).contains(new Verdict(End.NOT_YET, false, Optional.of(Trouble.NO_HOST)));
  }

  @Example
  void whatTheLogsHaveIsReadNowAndAgain() {
    found = Found.NEXT;
    during(STRETCH, Company.AMONG_HOSTS, List.of(peer(0)), missing(OWN));
    assertThat(feeds).isBetween(STRETCH / PATIENCE, 6 * STRETCH / PATIENCE);
  }

  @Example
  void whatNobodyKnowsOfIsThereOnceAllHostsAreLevel() {
    anew = anew(false);
    var peers = List.of(peer(0));
    assertThat(end(look(Company.AMONG_HOSTS, peers, NOTHING))).isEqualTo(End.WHOLE);
    anew = anew(false);
    var stranger = new KeyFingerprint(3, 3);
    assertThat(look(Company.AMONG_HOSTS, List.of(peer(stranger, 0)), NOTHING)).contains(WAIT);
  }

  private static final Verdict WAIT = new Verdict(End.NOT_YET, false, Optional.empty());

  private static End end(Optional<Verdict> verdict) {
    return verdict.orElseThrow().end();
  }

  /// Looks once a second, until it is over.
  ///
  /// @return the last verdict
  private Optional<Verdict> during(
      int seconds,
      Company company,
      List<PeerStatus> peers,
      SortedMap<ReplicaId, Had.Missing> what) {
    Optional<Verdict> last = Optional.empty();
    for (int second = 0; second < seconds; second++) {
      last = look(company, peers, what);
      if (last.filter(it -> it.end() != End.NOT_YET).isPresent()) {
        return last;
      }
    }
    return last;
  }

  private Optional<Verdict> look(
      Company company, List<PeerStatus> peers, SortedMap<ReplicaId, Had.Missing> what) {
    now += SECOND;
    if (!anew.isDue(status(peers), around(company), now)) {
      return Optional.empty();
    }
    if (anew.mayFeed(what, now)) {
      feeds++;
      var next = found == Found.NEXT ? next(what) : new TreeMap<ReplicaId, Batch>();
      anew.fed(new Salvaged(found, next, isTaken), now);
    }
    return Optional.of(anew.verdict(around(company), now));
  }

  private Around around(Company company) {
    var others = new TreeSet<KeyFingerprint>();
    if (company != Company.ALONE) {
      others.add(HOST);
    }
    return new Around(company, others, isSystemAnew);
  }

  /// The first that is missing of each, all of which name a batch of `_system` of this member.
  private static SortedMap<ReplicaId, Batch> next(SortedMap<ReplicaId, Had.Missing> what) {
    var system = VersionVector.of(new TreeMap<>(Map.of(OWN_SYSTEM, 1L)));
    var context = new ContextDifference(VersionVector.EMPTY, system, Commitment.NONE);
    var next = new TreeMap<ReplicaId, Batch>();
    what.forEach((replica, it) ->
        next.put(
            replica,
            new Batch(
                new SpaceId(0, 1),
                replica,
                it.have() + 1,
                ChainHash.ROOT,
                context,
                HybridTime.ZERO,
                List.of(),
                List.of())));
    return next;
  }

  private static SortedMap<ReplicaId, Had.Missing> missing(ReplicaId replica) {
    return new TreeMap<>(Map.of(replica, new Had.Missing(1, 2)));
  }

  private static PeerStatus peer(long ahead) {
    return peer(HOST, ahead);
  }

  private static PeerStatus peer(KeyFingerprint key, long ahead) {
    var check = SpaceStatus.DigestCheck.NOT_COMPARED;
    return new PeerStatus(key, true, Optional.of(VersionVector.EMPTY), 0, ahead, check, 1);
  }

  private SpaceStatus status(List<PeerStatus> peers) {
    var heads =
        applied == 0
            ? List.<Token.Prefix>of()
            : List.of(new Token.Prefix(OTHERS, applied, applied));
    return new SpaceStatus(
        OWN,
        VersionVector.EMPTY,
        0,
        CellDigest.ZERO,
        CellDigest.ZERO,
        0,
        VersionVector.EMPTY,
        0,
        peers,
        new Token(SPACE, heads),
        new SpaceStatus.Tallies(0, 0, 0),
        Optional.empty(),
        new SpaceStatus.LogStatus(0, OptionalLong.empty(), 0, 0, List.of()),
        SpaceStatus.Revocation.NONE);
  }
}
