package io.starling.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A collector of OTLP over HTTP that keeps what it gets.
final class Collected implements AutoCloseable {

  private final HttpServer server;
  private final List<Span> spans = new CopyOnWriteArrayList<>();

  /// A span, read by the field numbers of OTLP's trace.proto.
  record Span(String trace, String id, String parent, String name, List<String> links) {}

  Collected() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/traces",
        exchange -> {
          read(exchange.getRequestBody().readAllBytes());
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  List<Span> spans() {
    return List.copyOf(spans);
  }

  List<Span> named(String name) {
    return spans.stream().filter(span -> span.name().equals(name)).toList();
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void read(byte[] request) throws InvalidProtocolBufferException {
    for (var resource : inside(UnknownFieldSet.parseFrom(request), 1)) {
      for (var scope : inside(resource, 2)) {
        for (var span : inside(scope, 2)) {
          var links = new ArrayList<String>();
          inside(span, 13).forEach(link -> links.add(hex(link, 1)));
          spans.add(
              new Span(
                  hex(span, 1), hex(span, 2), hex(span, 4), text(span, 5), List.copyOf(links)));
        }
      }
    }
  }

  private static List<UnknownFieldSet> inside(UnknownFieldSet message, int field)
      throws InvalidProtocolBufferException {
    var inside = new ArrayList<UnknownFieldSet>();
    for (var bytes : message.getField(field).getLengthDelimitedList()) {
      inside.add(UnknownFieldSet.parseFrom(bytes));
    }
    return inside;
  }

  private static ByteString bytes(UnknownFieldSet message, int field) {
    var found = message.getField(field).getLengthDelimitedList();
    return found.isEmpty() ? ByteString.EMPTY : found.getFirst();
  }

  private static String hex(UnknownFieldSet message, int field) {
    return HexFormat.of().formatHex(bytes(message, field).toByteArray());
  }

  private static String text(UnknownFieldSet message, int field) {
    return bytes(message, field).toStringUtf8();
  }
}
