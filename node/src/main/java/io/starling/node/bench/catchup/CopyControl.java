package io.starling.node.bench.catchup;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.VersionVector;
import io.starling.node.identity.IdentityException;
import io.starling.node.peer.SpaceInbox;
import io.starling.node.status.AlarmBook;
import io.starling.node.storage.SpaceStore;
import io.starling.node.transport.PeerTransport;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Message;
import io.starling.replica.message.Transfer;
import io.starling.replica.message.Transfer.Row;
import io.starling.replica.port.Changes;
import io.starling.replica.port.Table;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// The control for taking over a state: the cells of a snapshot over the same kind of stream, in
/// pages of the same size, put into another store as they are. No sums, no proof, no engine.
///
/// What has come while one write was synced is the next write, as in a loop. So many pages are on
/// their way that neither side waits for the other without need.
final class CopyControl implements AutoCloseable {

  private static final int PAGE_BYTES = 128 * 1024;
  private static final int WINDOW = 32;
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final SpaceId space;
  private final PeerTransport from;
  private final PeerTransport to;
  private final KeyFingerprint sender;
  private final KeyFingerprint receiver;
  private final Semaphore window = new Semaphore(WINDOW);
  private final BlockingQueue<Transfer.Page> came = new LinkedBlockingQueue<>(2 * WINDOW);
  private final CountDownLatch linked = new CountDownLatch(1);

  CopyControl(BenchCluster cluster) throws IOException, IdentityException {
    var one = cluster.member("control-1");
    var two = cluster.member("control-2");
    var alarms = new AlarmBook();
    space = BenchNode.main(one);
    sender = one.identity().fingerprint();
    receiver = two.identity().fingerprint();
    to = two.transport(List.of(), alarms);
    to.start(new Ends(this::take));
    from = one.transport(List.of(BenchCluster.address(to)), alarms);
    from.start(new Ends(this::acknowledged));
  }

  /// Copies all cells.
  ///
  /// @return how long it took until the last was durable
  Duration copy(SpaceStore source, SpaceStore target) throws InterruptedException {
    if (!linked.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException("the control is not linked");
    }
    long began = System.nanoTime();
    var writer = Thread.ofPlatform().name("control").unstarted(() -> write(target));
    writer.start();
    try (var snapshot = source.snapshot()) {
      var pages = new Pages();
      snapshot.scan(Table.CELLS, new byte[0], new byte[0], pages::add);
      pages.send(true);
    }
    if (!writer.join(PATIENCE)) {
      throw new IllegalStateException("the control does not come to its end");
    }
    return Duration.ofNanos(System.nanoTime() - began);
  }

  private final class Pages {
    private final List<Row> rows = new ArrayList<>();
    private int bytes;
    private long next;

    private boolean add(byte[] name, byte[] content) {
      rows.add(new Row.CellRow(name.clone(), content.clone(), false));
      bytes += name.length + content.length;
      if (bytes >= PAGE_BYTES) {
        send(false);
      }
      return true;
    }

    private void send(boolean isLast) {
      window.acquireUninterruptibly();
      from.send(
          receiver, new Message.Transferred(space, 1, new Transfer.Page(next++, rows, isLast)));
      rows.clear();
      bytes = 0;
    }
  }

  private void take(Transfer transfer) {
    if (transfer instanceof Transfer.Page page && !came.offer(page)) {
      throw new IllegalStateException("more pages than are asked for");
    }
  }

  private void acknowledged(Transfer transfer) {
    if (transfer instanceof Transfer.Get) {
      window.release();
    }
  }

  private void write(SpaceStore target) {
    boolean isLast = false;
    try {
      while (!isLast) {
        var pages = new ArrayList<Transfer.Page>();
        pages.add(came.take());
        came.drainTo(pages);
        target.persist(changes(pages));
        for (var page : pages) {
          isLast |= page.isLast();
          to.send(sender, new Message.Transferred(space, 1, new Transfer.Get(page.page())));
        }
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private static Changes changes(List<Transfer.Page> pages) {
    var writes = new ArrayList<Changes.Write>();
    for (var page : pages) {
      for (var row : page.rows()) {
        if (row instanceof Row.CellRow(var name, var content, _, _)) {
          writes.add(new Changes.Write(Table.CELLS, name, Optional.of(content)));
        }
      }
    }
    return new Changes(writes);
  }

  /// One end of the stream.
  private final class Ends implements SpaceInbox {
    private final Consumer<Transfer> taker;

    private Ends(Consumer<Transfer> taker) {
      this.taker = taker;
    }

    @Override
    public boolean arrived(KeyFingerprint peer, List<Message> messages) {
      for (var message : messages) {
        if (message instanceof Message.Transferred(_, _, var transfer)) {
          taker.accept(transfer);
        }
      }
      return true;
    }

    @Override
    public void peerUp(KeyFingerprint peer) {
      if (peer.equals(receiver)) {
        linked.countDown();
      }
    }

    @Override
    public void peerDown(KeyFingerprint peer) {}

    @Override
    public Optional<VersionVector> applied(SpaceId id) {
      return Optional.of(VersionVector.of(new TreeMap<>()));
    }
  }

  @Override
  public void close() {
    from.close();
    to.close();
  }
}
