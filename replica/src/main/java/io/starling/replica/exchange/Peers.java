package io.starling.replica.exchange;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.causal.Past;
import io.starling.replica.membership.Standing;
import io.starling.replica.message.Beacon;
import io.starling.replica.message.Token;
import io.starling.replica.state.Branches;
import io.starling.replica.state.Origin;
import io.starling.replica.state.SpaceState;
import io.starling.replica.status.SpaceStatus.DigestCheck;
import io.starling.replica.status.SpaceStatus.PeerStatus;
import io.starling.replica.status.SpaceStatus.Tallies;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntSupplier;

/// The matrix clock: what each peer is known to have applied.
public final class Peers {

  /// Peers remembered; those beyond are not tracked until the node restarts.
  private static final int PEERS_MAX = 4_096;

  /// Replicas that one peer's claims may name; of more, those of its last message stay.
  private static final int CLAIMS_MAX = 4_096;

  /// Of more claims, those that are applied here meanwhile are forgotten: they tell nothing.
  private static final int CLAIMS_KEPT = 64;

  /// Replicas known to be refused; of more, one is forgotten and found out again.
  private static final int REFUSED_MAX = 4_096;

  /// A peer's clock counts for the median for this many milliseconds after it was heard.
  private static final long CLOCK_FRESH_MILLIS = 30_000;

  private final KeyFingerprint self;
  private final SpaceState state;
  private final Standing standing;
  private final TreeMap<KeyFingerprint, Peer> peers = new TreeMap<>();
  private final TreeSet<ReplicaId> refused = new TreeSet<>();
  private IntSupplier missing = () -> 0;
  private long digestsEqual;
  private long digestsUnequal;

  /// @param self the own key: what earlier incarnations of it said is no news of a peer
  /// @param standing knows whom to tell nothing
  public Peers(KeyFingerprint self, SpaceState state, Standing standing) {
    this.self = self;
    this.state = state;
    this.standing = standing;
  }

  /// @param branches how many are missing here of replicas that were forked, whoever has them
  public void missing(IntSupplier branches) {
    missing = branches;
  }

  /// What peers claim of a replica is not asked for any more, since it cannot be applied here;
  /// until a batch of it is.
  public void refuse(ReplicaId replica) {
    refused.add(replica);
    if (refused.size() > REFUSED_MAX) {
      refused.pollFirst();
    }
  }

  public void up(KeyFingerprint key) {
    var peer = peer(key);
    peer.isUp = true;
    peer.isFresh = true;
    // What it claimed before it may have lost since.
    peer.claimed = VersionVector.EMPTY;
    peer.unread = new TreeSet<>();
    peer.closed = Optional.empty();
  }

  public void down(KeyFingerprint key) {
    peer(key).isUp = false;
  }

  /// The peers that messages can be sent to, ordered. Those that are revoked are told nothing.
  public List<KeyFingerprint> reachable() {
    return peers.values().stream()
        .filter(peer -> peer.isUp && !standing.isRevoked(peer.key))
        .map(peer -> peer.key)
        .toList();
  }

  /// The peers in reach that are revoked.
  public List<KeyFingerprint> revoked() {
    return peers.values().stream()
        .filter(peer -> peer.isUp && standing.isRevoked(peer.key))
        .map(peer -> peer.key)
        .toList();
  }

  /// What a revoked peer says it has, so that its batches are asked for, to be held. Nothing else
  /// of its beacon counts.
  public void claimed(KeyFingerprint from, Beacon beacon) {
    if (beacon.author().key().equals(from)) {
      var said = said(beacon);
      peer(from).unread = said.unknown();
      claim(peer(from), said.token().vector());
    }
  }

  Iterable<Peer> all() {
    return peers.values();
  }

  Peer peer(KeyFingerprint key) {
    var known = peers.get(key);
    if (known != null) {
      return known;
    }
    var peer = new Peer(key);
    if (peers.size() < PEERS_MAX) {
      peers.put(key, peer);
    }
    return peer;
  }

  /// A batch has come, be it applied or early: its author had all that it names.
  ///
  /// @param from who sent it, perhaps long after its author did
  public void heard(KeyFingerprint from, SignedBatch signed, long nowMillis) {
    var batch = signed.batch();
    var author = batch.replica().key();
    if (author.equals(self)) {
      return;
    }
    var peer = peer(author);
    claim(peer, batch.context().space().with(batch.replica(), batch.seq()));
    if (author.equals(from)) {
      peer.heardMillis = nowMillis;
    }
  }

  /// A batch was applied: its context is its author's row.
  ///
  /// @param signed names branches by their names
  public void applied(SignedBatch signed) {
    var replica = signed.batch().replica();
    refused.remove(replica);
    refused.remove(state.branches().root(replica));
    if (!replica.key().equals(self) && !state.origins().isClosed(replica)) {
      var context = state.origins().find(replica).map(Origin::context);
      setRow(
          peer(replica.key()),
          replica,
          context.orElse(VersionVector.EMPTY).with(replica, signed.batch().seq()));
    }
  }

  /// The state of another member was taken over: the context of a replica's last batch is its
  /// author's row.
  public void adopted(ReplicaId replica) {
    var origin = state.origins().find(replica);
    if (origin.isPresent() && !replica.key().equals(self) && !state.origins().isClosed(replica)) {
      refused.remove(replica);
      setRow(
          peer(replica.key()), replica, origin.get().context().with(replica, origin.get().seq()));
    }
  }

  /// What a beacon says that an operator should know.
  public sealed interface News {
    record Nothing() implements News {}

    /// Equal vectors, unequal digests.
    record Unequal(KeyFingerprint peer) implements News {}

    /// It names a batch by another hash than is applied here.
    record Fork(Token.Prefix head) implements News {}

    /// It names batches of replicas that were forked, which are on no branch known here.
    record Unread(List<Token.Prefix> heads) implements News {}
  }

  /// A beacon has come from its author. One that another peer passes on tells nothing: an old one,
  /// repeated, would pass for the author's clock of today.
  public News heard(KeyFingerprint from, Beacon beacon, long nowMillis) {
    var author = beacon.author();
    if (author.key().equals(self) || !author.key().equals(from)) {
      return new News.Nothing();
    }
    var peer = peer(author.key());
    peer.heardMillis = nowMillis;
    peer.clockHeardMillis = nowMillis;
    peer.clockAheadMillis = beacon.wallMillis() - nowMillis;
    peer.closed = Optional.of(beacon.closed());
    var said = said(beacon);
    var claims = said.token().vector();
    peer.unread = said.unknown();
    claim(peer, claims);
    if (!said.unknown().isEmpty()) {
      return new News.Unread(
          heads(beacon).stream().filter(it -> said.unknown().contains(it.replica())).toList());
    }
    for (var head : said.token().heads()) {
      var here = state.origins().hash(head.replica(), head.seq());
      if (here.isPresent() && !head.matches(here.get())) {
        return new News.Fork(head);
      }
    }
    var replica = named(beacon, claims);
    var origin = state.origins().find(replica);
    long applied = origin.map(Origin::seq).orElse(0L);
    if (state.origins().isClosed(replica) || beacon.head().seq() != applied) {
      return new News.Nothing();
    }
    var told = origin.map(Origin::context).orElse(VersionVector.EMPTY).join(claims);
    setRow(peer, replica, told);
    return compare(peer, told, beacon);
  }

  /// The replica or branch that a beacon is of.
  private ReplicaId named(Beacon beacon, VersionVector claims) {
    var branches = state.branches();
    return branches.having(beacon.author(), beacon.head().seq(), state.origins()).stream()
        .filter(it -> claims.seq(it) == beacon.head().seq())
        .findFirst()
        .orElse(beacon.author());
  }

  /// A replica was split: of what was heard of it before nobody knows which branch was meant.
  public void split(Branches.Branch branch) {
    for (var peer : peers.values()) {
      peer.row = clipped(peer.row, branch);
      peer.claimed = clipped(peer.claimed, branch);
    }
    refused.clear();
  }

  /// More is known of branches: what could not be applied before perhaps can be.
  public void reconsider() {
    refused.clear();
  }

  private static VersionVector clipped(VersionVector vector, Branches.Branch branch) {
    return vector.seq(branch.parent()) < branch.first()
        ? vector
        : vector.with(branch.parent(), branch.first() - 1);
  }

  /// What to pull with: the heads of all active replicas, and those of the closed ones too unless
  /// the peer has just the same. A peer that has not applied a close takes a replica that is left
  /// out for one that was never seen here, and sends all of it again; if that fills its answer, and
  /// ours likewise, neither ever gets to the batch that holds the close.
  Token have(KeyFingerprint key) {
    var origins = state.origins();
    boolean isSame =
        peer(key).closed.equals(Optional.of(origins.closedSum())) && knowsAll(peer(key).row);
    return withHeld(key, isSame ? origins.token() : origins.tokenWithClosed(Token.HEADS_MAX));
  }

  /// What is held needs no second sending, and what shows that it stands comes after it.
  private Token withHeld(KeyFingerprint asked, Token have) {
    var held = new TreeMap<ReplicaId, Token.Prefix>();
    standing
        .lastHeld(asked)
        .forEach((replica, last) ->
            held.put(replica, new Token.Prefix(replica, last.batch().seq(), last.hash().first())));
    if (held.isEmpty()) {
      return have;
    }
    var heads = new TreeMap<ReplicaId, Token.Prefix>();
    have.heads().forEach(head -> heads.put(head.replica(), head));
    heads.putAll(held);
    return new Token(have.space(), heads.values().stream().limit(Token.HEADS_MAX).toList());
  }

  private static List<Token.Prefix> heads(Beacon beacon) {
    var heads = new TreeMap<ReplicaId, Token.Prefix>();
    beacon.moved().forEach(head -> heads.put(head.replica(), head));
    if (beacon.head().seq() > 0) {
      long hash = beacon.head().hash().first();
      heads.put(beacon.author(), new Token.Prefix(beacon.author(), beacon.head().seq(), hash));
    }
    return List.copyOf(heads.values());
  }

  /// What a beacon says that its author has, as it reads here.
  private Branches.Reading said(Beacon beacon) {
    return state.branches().read(new Token(beacon.space(), heads(beacon)), state.origins());
  }

  private void claim(Peer peer, VersionVector more) {
    var claimed = peer.claimed.join(more);
    if (claimed.size() > CLAIMS_KEPT) {
      // Else each start of any node would leave an entry here, to be joined with each batch.
      claimed = missing(claimed);
    }
    peer.claimed = claimed.size() > CLAIMS_MAX ? more : claimed;
  }

  /// What a vector covers beyond what is applied here.
  private VersionVector missing(VersionVector vector) {
    var missing = new TreeMap<ReplicaId, Long>();
    for (var entry : vector.entries()) {
      if (entry.seq() > seq(entry.replica())) {
        missing.put(entry.replica(), entry.seq());
      }
    }
    return VersionVector.of(missing);
  }

  private void setRow(Peer peer, ReplicaId author, VersionVector row) {
    boolean isSame = peer.author.equals(Optional.of(author));
    peer.row = isSame ? peer.row.join(row) : row;
    peer.author = Optional.of(author);
    claim(peer, row);
  }

  /// @param told the vector of just this beacon; a later one, overtaken, may have told more
  private News compare(Peer peer, VersionVector told, Beacon beacon) {
    // While cells are being joined the own digest is not whole.
    boolean isEqual =
        !state.isJoining()
            && lag(told) == 0
            && isApplied(told)
            && beacon.closed().equals(state.origins().closedSum());
    if (!isEqual) {
      return new News.Nothing();
    }
    boolean agrees =
        beacon.digest().equals(state.digests().total())
            && beacon.cells() == state.digests().cells();
    if (agrees) {
      digestsEqual++;
    } else {
      digestsUnequal++;
    }
    boolean isNews = !agrees && peer.digest != DigestCheck.UNEQUAL;
    peer.digest = agrees ? DigestCheck.EQUAL : DigestCheck.UNEQUAL;
    return isNews ? new News.Unequal(peer.key) : new News.Nothing();
  }

  /// Batches applied here that the peer has not announced.
  long lag(Peer peer) {
    return lag(peer.row);
  }

  private long lag(VersionVector row) {
    var past = new Past(row, state.origins().closes());
    long lag = 0;
    for (var origin : state.origins().active()) {
      lag += Math.max(0, origin.seq() - past.seq(origin.replica()));
    }
    return lag;
  }

  private boolean isApplied(VersionVector vector) {
    return vector.entries().stream()
        .allMatch(entry -> entry.seq() <= state.origins().seq(entry.replica()));
  }

  /// Batches that a vector covers, that are not applied here and may be.
  ///
  /// @param peer whose
  long ahead(KeyFingerprint peer, VersionVector vector) {
    long ahead = 0;
    for (var entry : vector.entries()) {
      if (!refused.contains(entry.replica())) {
        long held = standing.lastHeld(entry.replica(), peer).map(it -> it.batch().seq()).orElse(0L);
        long here = Math.max(held, seq(entry.replica()));
        ahead += Math.max(0, entry.seq() - here);
      }
    }
    var known = peers.get(peer);
    return ahead + (known == null ? 0 : known.unread.size() + missing.getAsInt());
  }

  /// The number of the last batch of a replica and all its branches.
  private long seq(ReplicaId replica) {
    long last = state.origins().seq(replica);
    if (state.branches().end(replica).isPresent()) {
      for (var branch : state.branches().tree(replica)) {
        last = Math.max(last, state.origins().seq(branch));
      }
    }
    return last;
  }

  /// What a peer is known to have applied, closed replicas left out; empty if nothing was heard of
  /// it.
  VersionVector row(KeyFingerprint key) {
    var peer = peers.get(key);
    return peer == null ? VersionVector.EMPTY : peer.row;
  }

  /// Whether a vector names every replica that is not closed here. Who has not heard of one does
  /// not know either what that has closed, though another may have closed the same for it.
  private boolean knowsAll(VersionVector vector) {
    return state.origins().token().heads().stream()
        .allMatch(head -> vector.contains(head.replica()));
  }

  /// How far the own clock is ahead of the median of all clocks heard lately, the own one included,
  /// in milliseconds; 0 while fewer than two peers were heard.
  public long clockOffMillis(long nowMillis) {
    var ahead = new ArrayList<Long>();
    ahead.add(0L);
    for (var peer : peers.values()) {
      // What was heard before the own clock was set back tells nothing of now.
      long age = nowMillis - peer.clockHeardMillis;
      if (age >= 0 && age < CLOCK_FRESH_MILLIS) {
        ahead.add(peer.clockAheadMillis);
      }
    }
    ahead.sort(Long::compare);
    return ahead.size() < 3 ? 0 : -ahead.get(ahead.size() / 2);
  }

  /// How the comparisons of digests came out so far.
  ///
  /// @param bufferedBytes bytes of what waits for its causes
  public Tallies tallies(long bufferedBytes) {
    return new Tallies(bufferedBytes, digestsEqual, digestsUnequal);
  }

  public List<PeerStatus> statuses() {
    var statuses = new ArrayList<PeerStatus>();
    for (var peer : peers.values()) {
      statuses.add(
          new PeerStatus(
              peer.key,
              peer.isUp,
              peer.author.map(_ -> active(peer.row)),
              lag(peer),
              ahead(peer.key, peer.claimed),
              digest(peer),
              peer.heardMillis));
    }
    return statuses;
  }

  /// A difference that was found by the cells stands until it is found to be gone in the same way.
  private static DigestCheck digest(Peer peer) {
    return switch (peer.scrubbed) {
      case UNEQUAL -> DigestCheck.UNEQUAL;
      case EQUAL -> peer.digest == DigestCheck.NOT_COMPARED ? DigestCheck.EQUAL : peer.digest;
      case NOT_COMPARED -> peer.digest;
    };
  }

  /// What is here was compared with what a peer has, by the cells themselves.
  public void compared(KeyFingerprint key, boolean isSame) {
    peer(key).scrubbed = isSame ? DigestCheck.EQUAL : DigestCheck.UNEQUAL;
    if (isSame) {
      digestsEqual++;
    } else {
      digestsUnequal++;
    }
  }

  /// A row as the own vector is shown: what is closed here would stand there as if it lacked here.
  private VersionVector active(VersionVector row) {
    var active = row;
    for (var entry : row.entries()) {
      if (state.origins().isClosed(entry.replica())) {
        active = active.without(entry.replica());
      }
    }
    return active;
  }
}
