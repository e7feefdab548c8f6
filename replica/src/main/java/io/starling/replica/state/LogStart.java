package io.starling.replica.state;

import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;

/// Where the log of a replica begins. What was taken out of a store stands in the way of who
/// searches it from the front for a while yet; from here on there is nothing of that.
///
/// @param entries before this seq there is nothing
/// @param bodies before this seq there are hashes at most; not less than `entries`
record LogStart(long entries, long bodies) {

  private static final LogStart UNCUT = new LogStart(0, 0);

  static LogStart of(StatePort state, int number) {
    return state.get(Table.META, Layout.logStart(number)).map(LogStart::decode).orElse(UNCUT);
  }

  void put(Staging staging, int number) {
    byte[] value = new Encoder().varint(entries).varint(bodies).toBytes();
    staging.put(Table.META, Layout.logStart(number), value);
  }

  private static LogStart decode(byte[] value) {
    var in = new Decoder(value);
    try {
      var start = new LogStart(in.varint(), in.varint());
      in.finish();
      return start;
    } catch (MalformedException broken) {
      throw new AssertionError("a broken start of a log", broken);
    }
  }
}
