package io.starling.node.bench.catchup;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.VersionVector;
import io.starling.node.hosting.SpaceMeter;
import io.starling.node.loop.LoopObserver;
import io.starling.node.peer.PeerLinks;
import io.starling.node.peer.SpaceInbox;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Message;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.message.Transfer.Row;
import io.starling.replica.status.SpaceStatus;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// What a joiner says and hears while it takes over another's state in one space, and when.
///
/// A **round trip** is a question whose answer what comes next waits for: sums and offer, leaves
/// and the first page, comparison and what was compared, batches that are fetched for it. Pages
/// after the first are asked for ahead. A refusal is one too.
final class TransferTrace implements LoopObserver {

  static final SpaceMeter SILENT = new SpaceMeter() {};

  private final SpaceId space;
  private final Optional<TreeSet<byte[]>> wanted;
  private final CountDownLatch joined = new CountDownLatch(1);
  private final AtomicBoolean isLive = new AtomicBoolean();
  private final TreeMap<Long, Long> nextPages = new TreeMap<>();
  private boolean isComparing;
  private int roundTrips;
  private int sessions;
  private long cells;
  private long differing;
  private long differingBytes;
  private long beganNanos;
  private long liveNanos;
  private long joinedNanos;

  /// @param wanted the names of the cells that differ; empty if all do
  TransferTrace(SpaceId space, Optional<Collection<byte[]>> wanted) {
    this.space = space;
    this.wanted =
        wanted.map(names -> {
          var sorted = new TreeSet<byte[]>(Arrays::compare);
          sorted.addAll(names);
          return sorted;
        });
  }

  /// What came of it.
  ///
  /// @param sessions begun; more than one if a donor was given up
  /// @param cells that came
  /// @param differing those among them that do differ
  /// @param differingBytes of their names and contents
  /// @param live from the word that no log reaches back until reads show what was taken over
  /// @param joined until it is joined with the cells
  record Taken(
      int roundTrips,
      int sessions,
      long cells,
      long differing,
      long differingBytes,
      Duration live,
      Duration joined) {}

  /// What came of it, when it is over.
  ///
  /// @throws IllegalStateException if it is not, after so long
  Taken await(Duration most) throws InterruptedException {
    if (!joined.await(most.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException("no state was taken over within " + most);
    }
    synchronized (this) {
      return new Taken(
          roundTrips,
          sessions,
          cells,
          differing,
          differingBytes,
          Duration.ofNanos(liveNanos - beganNanos),
          Duration.ofNanos(joinedNanos - beganNanos));
    }
  }

  /// Links that note what is sent.
  PeerLinks noting(PeerLinks links) {
    return (peer, message) -> {
      if (message instanceof Message.Transferred(var to, _, var transfer) && to.equals(space)) {
        asked(transfer);
      }
      links.send(peer, message);
    };
  }

  /// An inbox that notes what comes.
  SpaceInbox noting(SpaceInbox inbox) {
    return new SpaceInbox() {
      @Override
      public boolean arrived(KeyFingerprint peer, List<Message> messages) {
        messages.forEach(TransferTrace.this::came);
        return inbox.arrived(peer, messages);
      }

      @Override
      public void peerUp(KeyFingerprint peer) {
        inbox.peerUp(peer);
      }

      @Override
      public void peerDown(KeyFingerprint peer) {
        inbox.peerDown(peer);
      }

      @Override
      public Optional<VersionVector> applied(SpaceId id) {
        return inbox.applied(id);
      }
    };
  }

  private synchronized void asked(Transfer transfer) {
    switch (transfer) {
      case Transfer.Compare _ -> isComparing = true;
      case Transfer.Fetch _ -> roundTrips++;
      case Transfer.Ask _ -> sessions++;
      case Transfer.Leaves _, Transfer.Get _, Transfer.Looking _ -> {}
      case Transfer.Offer _, Transfer.Page _, Transfer.Compared _, Transfer.Refused _ -> {}
    }
  }

  private synchronized void came(Message message) {
    if (message instanceof Message.Behind(var of, _, _) && of.equals(space) && beganNanos == 0) {
      beganNanos = System.nanoTime();
    }
    if (message instanceof Message.Transferred(var of, long session, var transfer)
        && of.equals(space)) {
      answered(session, transfer);
    }
  }

  private void answered(long session, Transfer transfer) {
    switch (transfer) {
      case Transfer.Offer _, Transfer.Refused _ -> roundTrips++;
      case Transfer.Page(long page, var rows, _, _) -> {
        // One that is asked for again, on a machine that is slow for a while, may come twice.
        if (page == nextPages.getOrDefault(session, 0L)) {
          nextPages.put(session, page + 1);
          roundTrips += page == 0 ? 1 : 0;
          rows.forEach(this::row);
        }
      }
      case Transfer.Compared _ -> {
        // Two members may be asked at once, or one again: what counts is that it was waited for.
        roundTrips += isComparing ? 1 : 0;
        isComparing = false;
      }
      case Transfer.Ask _, Transfer.Leaves _, Transfer.Get _, Transfer.Looking _ -> {}
      case Transfer.Compare _, Transfer.Fetch _ -> {}
    }
  }

  private void row(Row row) {
    if (row instanceof Row.CellRow(var name, var content, _, _)) {
      cells++;
      // What came in a session that ended early may come again in the next.
      if (wanted.isEmpty() || wanted.get().remove(name)) {
        differing++;
        differingBytes += name.length + content.length;
      }
    }
  }

  @Override
  public void adopted(Token token) {
    synchronized (this) {
      liveNanos = System.nanoTime();
    }
    isLive.set(true);
  }

  @Override
  public void told(SpaceStatus status) {
    if (isLive.get() && status.catchingUp().isEmpty() && joined.getCount() > 0) {
      synchronized (this) {
        joinedNanos = System.nanoTime();
      }
      joined.countDown();
    }
  }
}
