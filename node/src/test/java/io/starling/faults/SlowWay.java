package io.starling.faults;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;

/// Where a node is dialled by the others: passes connections on to it, each from the address that
/// stands for whoever dials, and bytes as late as is asked for.
final class SlowWay implements AutoCloseable {

  private static final int BACKLOG = 50;
  private static final int BUFFER = 16 << 10;

  /// Pieces on their way on a connection in each direction; then its sender waits.
  private static final int PIECES_MAX = 256;

  private static final int CONNECT_MILLIS = 10_000;

  private final ServerSocket server = new ServerSocket();
  private final InetSocketAddress target;
  private final Function<InetAddress, InetAddress> standsFor;
  private final LongSupplier delayMillis;

  private record Piece(byte[] bytes, long dueNanos) {}

  /// @param standsFor the address from which a connection of someone goes on
  /// @param delayMillis asked for each piece of bytes
  SlowWay(
      InetSocketAddress at,
      InetSocketAddress target,
      Function<InetAddress, InetAddress> standsFor,
      LongSupplier delayMillis)
      throws IOException {
    this.target = target;
    this.standsFor = standsFor;
    this.delayMillis = delayMillis;
    server.bind(at, BACKLOG);
    Thread.ofVirtual().start(this::accept);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        var near = server.accept();
        Thread.ofVirtual().start(() -> join(near));
      } catch (IOException ended) {
        // By close; anything else shows in that nobody gets through any more.
        return;
      }
    }
  }

  private void join(Socket near) {
    try (near;
        var far = new Socket()) {
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
      far.bind(new InetSocketAddress(standsFor.apply(near.getInetAddress()), 0));
      far.connect(target, CONNECT_MILLIS);
      var back = Thread.ofVirtual().start(() -> pump(far, near));
      pump(near, far);
      back.join();
    } catch (IOException away) {
      // Whoever dialled finds the connection broken, and dials again.
      return;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /// Ends when either side does, and ends the other.
  private void pump(Socket from, Socket to) {
    var pieces = new ArrayBlockingQueue<Piece>(PIECES_MAX);
    var writer = Thread.ofVirtual().start(() -> write(pieces, to, from));
    try (from) {
      var buffer = new byte[BUFFER];
      var in = from.getInputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        long due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMillis.getAsLong());
        var piece = new Piece(Arrays.copyOf(buffer, read), due);
        while (!pieces.offer(piece, 1, TimeUnit.SECONDS)) {
          if (to.isClosed()) {
            return;
          }
        }
      }
    } catch (IOException broken) {
      // One end is gone, and so is the other then.
      return;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } finally {
      // What is on its way does not arrive: of a connection that ends, nobody counts on it.
      writer.interrupt();
    }
  }

  private static void write(BlockingQueue<Piece> pieces, Socket to, Socket from) {
    try (to;
        from) {
      OutputStream out = to.getOutputStream();
      while (true) {
        var piece = pieces.take();
        TimeUnit.NANOSECONDS.sleep(piece.dueNanos() - System.nanoTime());
        out.write(piece.bytes());
      }
    } catch (IOException broken) {
      // Both are closed on the way out, which is what both sides are to see.
      return;
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
