package io.starling.node.transport;

import io.starling.node.identity.PeerAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A way to a peer that can fall silent: nothing goes through any more, and TCP tells nobody.
final class SilentProxy implements AutoCloseable {

  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final int target;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean isSilent;

  SilentProxy(PeerAddress target) throws IOException {
    this.target = target.port();
    Thread.ofVirtual().start(this::accept);
  }

  PeerAddress address() {
    return new PeerAddress("127.0.0.1", server.getLocalPort());
  }

  /// From now on bytes are taken and dropped, new connections likewise.
  void fallSilent() {
    isSilent = true;
  }

  private void accept() {
    try {
      while (true) {
        var near = server.accept();
        var far = new Socket();
        open.add(near);
        open.add(far);
        far.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
        Thread.ofVirtual().start(() -> pump(near, far));
        Thread.ofVirtual().start(() -> pump(far, near));
      }
    } catch (IOException closed) {
      end();
    }
  }

  private void pump(Socket from, Socket to) {
    var buffer = new byte[16 << 10];
    try {
      for (int read = from.getInputStream().read(buffer);
          read >= 0;
          read = from.getInputStream().read(buffer)) {
        if (!isSilent) {
          to.getOutputStream().write(buffer, 0, read);
        }
      }
    } catch (IOException broken) {
      close(to);
      return;
    }
    if (!isSilent) {
      close(to);
    }
  }

  private void end() {
    open.forEach(SilentProxy::close);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    end();
  }
}
