package io.starling.node.api.grpc;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// An HTTP/2 client that does what no library would do for a test: frames as they stand on the
/// wire, RFC 9113.
final class RawHttp2 implements AutoCloseable {

  static final int ENHANCE_YOUR_CALM = 11;

  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int END_HEADERS = 4;
  private static final int ACK = 1;
  private static final int CANCEL = 8;
  private static final int PATIENCE_MILLIS = 20_000;

  // By HPACK: POST, http, :path, :authority, content-type and te; the last by its own name.
  private static final byte[] HEAD =
      ("\u0083\u0086"
              + "\u0004\u001c/grpc.health.v1.Health/Watch"
              + "\u0001\u0001h"
              + "\u000f\u0010\u0010application/grpc"
              + "\u0000\u0002te\u0008trailers")
          .getBytes(StandardCharsets.ISO_8859_1);

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;
  private int stream = -1;

  RawHttp2(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(PATIENCE_MILLIS);
    in = new DataInputStream(socket.getInputStream());
    out = new DataOutputStream(socket.getOutputStream());
    out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    send(SETTINGS, 0, 0, new byte[0]);
  }

  private record Frame(int type, int flags, byte[] payload) {}

  private void send(int type, int flags, int to, byte[] payload) throws IOException {
    out.writeInt(payload.length << 8 | type);
    out.writeByte(flags);
    out.writeInt(to);
    out.write(payload);
  }

  private Frame next() throws IOException {
    int head = in.readInt();
    int flags = in.readUnsignedByte();
    in.readInt();
    return new Frame(head & 0xff, flags, in.readNBytes(head >>> 8));
  }

  /// Begins a call and resets its stream.
  void callAndTakeBack() throws IOException {
    stream += 2;
    send(HEADERS, END_HEADERS, stream, HEAD);
    send(RST_STREAM, 0, stream, ByteBuffer.allocate(Integer.BYTES).putInt(CANCEL).array());
  }

  /// Whether the connection stands: a ping that is sent now comes back.
  boolean isAnswered() throws IOException {
    send(PING, 0, 0, new byte[Long.BYTES]);
    while (true) {
      var frame = next();
      if (frame.type() == GOAWAY) {
        return false;
      }
      if (frame.type() == PING && frame.flags() == ACK) {
        return true;
      }
    }
  }

  /// The code with which the node goes away; then nothing more may come.
  int errorAtTheEnd() throws IOException {
    var frame = next();
    while (frame.type() != GOAWAY) {
      frame = next();
    }
    if (in.read() != -1) {
      throw new IOException("the connection goes on");
    }
    return ByteBuffer.wrap(frame.payload()).getInt(Integer.BYTES);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
