package io.starling.node.api.http;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// A WebSocket client that sends frames as a test wants them, and reads only when it is asked to.
final class RawSocket implements AutoCloseable {

  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int PING = 9;
  private static final int CLOSE = 8;

  private static final int FINAL = 0x80;
  private static final int MASKED = 0x80;
  private static final int PATIENCE_MILLIS = 20_000;

  private final Socket socket = new Socket();
  private final DataInputStream in;
  private final DataOutputStream out;

  RawSocket(int port, String token) throws IOException {
    socket.setReceiveBufferSize(4_096);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.connect(new InetSocketAddress("127.0.0.1", port));
    in = new DataInputStream(socket.getInputStream());
    out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 1 << 16));
    var request =
        "GET /api/v1/socket HTTP/1.1\r\nHost: 127.0.0.1:"
            + port
            + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer "
            + token
            + "\r\n\r\n";
    out.write(request.getBytes(StandardCharsets.US_ASCII));
    out.flush();
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readUnsignedByte());
    }
    if (!head.toString().startsWith("HTTP/1.1 101")) {
      throw new IOException("no WebSocket: " + head);
    }
  }

  /// Sends a frame of less than 65 536 bytes. Pings gather until there are many.
  void frame(int kind, boolean isFinal, byte[] payload) throws IOException {
    out.writeByte((isFinal ? FINAL : 0) | kind);
    if (payload.length < 126) {
      out.writeByte(MASKED | payload.length);
    } else {
      out.writeByte(MASKED | 126);
      out.writeShort(payload.length);
    }
    // Masked with zeros: as it is.
    out.writeInt(0);
    out.write(payload);
    if (kind != PING) {
      out.flush();
    }
  }

  /// The next message, which must be text in one frame.
  String hear() throws IOException {
    return new String(payload(FINAL | TEXT), StandardCharsets.UTF_8);
  }

  /// The code that the node closes with.
  int closed() throws IOException {
    return ByteBuffer.wrap(payload(FINAL | CLOSE)).getShort();
  }

  private byte[] payload(int head) throws IOException {
    int got = in.readUnsignedByte();
    if (got != head) {
      throw new IOException("a frame that begins with " + got + ", not " + head);
    }
    int length = in.readUnsignedByte();
    return in.readNBytes(length == 126 ? in.readUnsignedShort() : length);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
