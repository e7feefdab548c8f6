package io.starling.node.bench.catchup;

import io.starling.node.identity.PeerAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// A way to a member over TCP that counts the bytes that go through in both directions, and that
/// can be cut and healed. It begins cut. Safe to use from any thread.
final class LinkProxy implements AutoCloseable {

  private static final int BUFFER = 64 << 10;
  private static final int BACKLOG = 50;

  private final ServerSocket server =
      new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final LongAdder bytes = new LongAdder();
  private volatile int target;
  private volatile boolean isCut = true;

  LinkProxy() throws IOException {
    Thread.ofVirtual().start(this::accept);
  }

  /// Where it is dialled.
  PeerAddress address() {
    return new PeerAddress(
        InetAddress.getLoopbackAddress().getHostAddress(), server.getLocalPort());
  }

  /// From now on it leads to a member on this machine.
  void heal(PeerAddress to) {
    target = to.port();
    isCut = false;
  }

  /// Breaks all connections, and each new one as soon as it is made.
  void cut() {
    isCut = true;
    open.forEach(LinkProxy::close);
    open.clear();
  }

  /// Bytes that went through since it was made.
  long bytes() {
    return bytes.sum();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        var near = server.accept();
        open.add(near);
        if (isCut) {
          end(near);
        } else {
          Thread.ofVirtual().start(() -> join(near));
        }
      } catch (IOException ended) {
        // By close; anything else shows in that no member gets through any more.
        return;
      }
    }
  }

  private void join(Socket near) {
    var far = new Socket();
    open.add(far);
    try {
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
      far.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
    } catch (IOException away) {
      // Whoever dialled finds the connection broken, and dials again.
      end(near);
      end(far);
      return;
    }
    Thread.ofVirtual().start(() -> pump(near, far));
    Thread.ofVirtual().start(() -> pump(far, near));
    if (isCut) {
      end(near);
      end(far);
    }
  }

  private void pump(Socket from, Socket to) {
    var buffer = new byte[BUFFER];
    try {
      var in = from.getInputStream();
      var out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        out.write(buffer, 0, read);
        bytes.add(read);
      }
    } catch (IOException broken) {
      // One end is gone, and so is the other then, which is what the members are to see.
      end(to);
    }
    end(from);
    end(to);
  }

  private void end(Socket socket) {
    open.remove(socket);
    close(socket);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    cut();
  }
}
