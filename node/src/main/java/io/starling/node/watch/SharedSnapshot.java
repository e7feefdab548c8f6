package io.starling.node.watch;

import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import io.starling.replica.port.StateSnapshot;
import io.starling.replica.read.SpaceReader;
import java.util.concurrent.atomic.AtomicInteger;

/// A snapshot that several watches read at once; closed when the last of them has released it.
final class SharedSnapshot {

  private final SpaceId space;
  private final StateSnapshot state;
  private final Token token;
  private final AtomicInteger holders = new AtomicInteger(1);

  /// @param token what the snapshot shows
  SharedSnapshot(SpaceId space, StateSnapshot state, Token token) {
    this.space = space;
    this.state = state;
    this.token = token;
  }

  Token token() {
    return token;
  }

  SpaceReader reader() {
    return new SpaceReader(space, state);
  }

  /// One more holder.
  SharedSnapshot share() {
    holders.incrementAndGet();
    return this;
  }

  void release() {
    if (holders.decrementAndGet() == 0) {
      state.close();
    }
  }
}
