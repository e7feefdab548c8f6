package io.starling.node.transport;

import io.starling.node.identity.PeerAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/// A wire between two nodes that can be made to carry nothing, without either end being told.
final class Wire implements AutoCloseable {

  private final ServerSocket door;
  private final PeerAddress to;
  private final Queue<Socket> open = new ConcurrentLinkedQueue<>();
  private volatile CountDownLatch flow = new CountDownLatch(0);

  Wire(PeerAddress to) throws IOException {
    this.to = to;
    this.door = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  PeerAddress address() {
    return new PeerAddress("127.0.0.1", door.getLocalPort());
  }

  void freeze() {
    flow = new CountDownLatch(1);
  }

  void thaw() {
    flow.countDown();
  }

  private void accept() {
    try {
      while (!door.isClosed()) {
        var left = door.accept();
        var right = new Socket(to.host(), to.port());
        open.add(left);
        open.add(right);
        Thread.ofVirtual().start(() -> carry(left, right));
        Thread.ofVirtual().start(() -> carry(right, left));
      }
    } catch (IOException closed) {
      thaw();
    }
  }

  private void carry(Socket from, Socket to) {
    var buffer = new byte[8_192];
    try (from;
        to) {
      var in = from.getInputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        flow.await();
        to.getOutputStream().write(buffer, 0, count);
      }
    } catch (IOException closed) {
      open.remove(from);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    door.close();
    thaw();
    for (var socket : open) {
      socket.close();
    }
  }
}
