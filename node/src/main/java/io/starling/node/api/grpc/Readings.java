package io.starling.node.api.grpc;

import io.grpc.StatusException;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.MalformedException;
import io.starling.node.api.wire.WireValues;
import io.starling.node.api.wire.WireViews;
import io.starling.node.space.Spaces;
import io.starling.proto.v1.Entry;
import io.starling.proto.v1.Form;
import io.starling.proto.v1.Query;
import io.starling.proto.v1.ReadRequest;
import io.starling.proto.v1.ReadResponse;
import io.starling.proto.v1.Reading;
import io.starling.proto.v1.ScanRequest;
import io.starling.proto.v1.ScanResponse;
import io.starling.replica.read.SpaceReader;
import io.starling.replica.read.TooLargeException;
import java.util.Optional;

/// Reads and scans, each at one snapshot.
final class Readings {

  /// Bytes in one answer: what stock clients take (4 MiB) with room to spare.
  static final int ANSWER_BYTES_MAX = 3 << 20;

  private static final int QUERIES_MAX = 1_000;
  private static final int ELEMENTS = 1_000;
  private static final int ELEMENTS_MAX = 10_000;
  private static final int KEYS = 100;
  private static final int KEYS_MAX = 1_000;

  private final Spaces spaces;

  Readings(Spaces spaces) {
    this.spaces = spaces;
  }

  ReadResponse read(Caller caller, ReadRequest request) throws StatusException {
    var space = caller.readable(spaces, request.getSpace());
    int count = request.getQueriesCount();
    if (count == 0 || count > QUERIES_MAX) {
      throw Refusals.invalid("a read has 1 to " + QUERIES_MAX + " queries; this one " + count);
    }
    var wait = request.hasWait() ? Optional.of(request.getWait()) : NO_WAIT;
    ReadTokens.await(space, request.getToken(), ReadTokens.wait(wait));
    try (var snapshot = space.read()) {
      var reader = snapshot.reader();
      var answer = ReadResponse.newBuilder().setToken(ReadTokens.write(reader.token()));
      long bytes = 0;
      for (var query : request.getQueriesList()) {
        var reading = read(reader, query, request.getForm());
        bytes += reading.getSerializedSize();
        if (bytes > ANSWER_BYTES_MAX) {
          throw Refusals.tooLarge(
              "the answer is larger than " + ANSWER_BYTES_MAX + " bytes; ask for less at once");
        }
        answer.addReadings(reading);
      }
      return answer.build();
    }
  }

  private static final Optional<com.google.protobuf.Duration> NO_WAIT = Optional.empty();

  private static Reading read(SpaceReader reader, Query query, Form form) throws StatusException {
    try {
      var path = WireValues.read(query.getPath());
      int limit = limit("elements", query.getElementsMax(), ELEMENTS, ELEMENTS_MAX);
      if (query.hasElementsAfter()) {
        var after = Optional.of(WireValues.read(query.getElementsAfter()));
        return WireViews.reading(reader.elements(path, after, limit), form);
      }
      return reading(reader, path, limit, form);
    } catch (MalformedException refused) {
      throw Refusals.malformed(refused);
    }
  }

  ScanResponse scan(Caller caller, ScanRequest request) throws StatusException {
    var space = caller.readable(spaces, request.getSpace());
    int limit = limit("keys", request.getLimit(), KEYS, KEYS_MAX);
    var wait = request.hasWait() ? Optional.of(request.getWait()) : NO_WAIT;
    ReadTokens.await(space, request.getToken(), ReadTokens.wait(wait));
    try (var snapshot = space.read()) {
      var reader = snapshot.reader();
      var answer = ScanResponse.newBuilder().setToken(ReadTokens.write(reader.token()));
      var page = reader.keys(request.getPrefix(), request.getAfter(), limit);
      long bytes = 0;
      for (var key : page.keys()) {
        var entry = entry(reader, key, request);
        bytes += entry.getSerializedSize();
        if (bytes > ANSWER_BYTES_MAX) {
          return answer.setMore(true).build();
        }
        answer.addEntries(entry);
      }
      return answer.setMore(page.more()).build();
    }
  }

  private static Entry entry(SpaceReader reader, String key, ScanRequest request) {
    var entry = Entry.newBuilder().setKey(key);
    if (request.getValues()) {
      entry.setReading(reading(reader, Path.of(key), ELEMENTS, request.getForm()));
    }
    return entry.build();
  }

  private static Reading reading(SpaceReader reader, Path path, int elementsMax, Form form) {
    try {
      return fitting(WireViews.reading(reader.view(path, elementsMax), form));
    } catch (TooLargeException tooManyCells) {
      return WireViews.TOO_LARGE;
    }
  }

  /// A reading that fits an answer of its own, or what stands for it.
  static Reading fitting(Reading reading) {
    return reading.getSerializedSize() > ANSWER_BYTES_MAX / 2 ? WireViews.TOO_LARGE : reading;
  }

  private static int limit(String what, int asked, int usual, int most) throws StatusException {
    if (asked < 0 || asked > most) {
      throw Refusals.invalid("at most " + most + " " + what + " a page; ask for the next page");
    }
    return asked == 0 ? usual : asked;
  }
}
