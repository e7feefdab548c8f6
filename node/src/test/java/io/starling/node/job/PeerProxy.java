package io.starling.node.job;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A link between two peers that can be cut: bytes go through until it is, and then nothing does,
/// until it is healed. And it can be a thin one.
///
/// A process that is stopped is no partition, for it stops serving its clients too.
public final class PeerProxy implements AutoCloseable {

  private static final int BUFFER = 16 << 10;

  private final ServerSocket server;
  private final int target;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean isCut;
  private volatile int bytesPerSecond = Integer.MAX_VALUE;

  /// A link to a port of this machine.
  public PeerProxy(int target) throws IOException {
    this.target = target;
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  public int port() {
    return server.getLocalPort();
  }

  /// Lets no more bytes through in a second from now on, on each connection and in each direction.
  public void narrow(int bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /// Breaks all connections and takes no new ones.
  public void cut() {
    isCut = true;
    open.forEach(PeerProxy::close);
  }

  /// Takes connections again.
  public void heal() {
    isCut = false;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        var near = server.accept();
        if (isCut) {
          close(near);
        } else {
          join(near);
        }
      } catch (IOException refused) {
        // Whoever dialled tries again; a closed server ends the loop.
        continue;
      }
    }
  }

  private void join(Socket near) throws IOException {
    open.add(near);
    var far = new Socket();
    open.add(far);
    try {
      far.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
      Thread.ofVirtual().start(() -> pump(near, far));
      Thread.ofVirtual().start(() -> pump(far, near));
    } catch (IOException away) {
      end(near, far);
      throw away;
    }
    if (isCut) {
      end(near, far);
    }
  }

  private void pump(Socket from, Socket to) {
    try {
      copy(from.getInputStream(), to.getOutputStream());
    } catch (IOException broken) {
      // One side is gone; so is the other now.
      end(from, to);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
    end(from, to);
  }

  private void copy(InputStream in, OutputStream out) throws IOException, InterruptedException {
    var buffer = new byte[BUFFER];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      out.write(buffer, 0, read);
      Thread.sleep(Duration.ofNanos(read * 1_000_000_000L / bytesPerSecond));
    }
  }

  private void end(Socket near, Socket far) {
    close(near);
    close(far);
    open.remove(near);
    open.remove(far);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException alreadyGone) {
      throw new IllegalStateException("a socket that cannot be closed", alreadyGone);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    cut();
  }
}
