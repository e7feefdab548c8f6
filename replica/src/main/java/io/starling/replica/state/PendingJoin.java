package io.starling.replica.state;

import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.message.Token;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
import java.util.Optional;

/// That the staged cells are part of the state: each joins the cell of its name, with the vectors
/// that both had when the stage went live.
///
/// @param mine what was applied here before
/// @param theirs the vector of the snapshot that the stage was taken from
public record PendingJoin(Token mine, Token theirs) {

  /// The join that is pending in a store.
  static Optional<PendingJoin> in(StatePort state) {
    return state.get(Table.META, Layout.JOIN_KEY).map(PendingJoin::decode);
  }

  byte[] encode() {
    return new Encoder().bytes(mine.toBytes()).bytes(theirs.toBytes()).toBytes();
  }

  private static PendingJoin decode(byte[] bytes) {
    var in = new Decoder(bytes);
    try {
      return new PendingJoin(Token.ofStore(in.bytes()), Token.ofStore(in.bytes()));
    } catch (MalformedException broken) {
      throw new AssertionError("a broken record of a join", broken);
    }
  }
}
