package io.starling.replica.state;

import io.starling.replica.causal.Closes;
import io.starling.replica.causal.Past;
import io.starling.replica.port.Changes;
import io.starling.replica.port.MemoryState;
import io.starling.replica.port.Table;
import java.util.ArrayList;
import java.util.Optional;

/// What earlier versions stored of heads after forks: contexts that name what the rest of them
/// implies to be closed.
public final class LongContexts {

  private LongContexts() {}

  /// Stores the heads as those did.
  ///
  /// @return how many are longer now
  public static int write(MemoryState state) {
    var numbers = new ReplicaNumbers(state);
    var closes = new Closes();
    StoredOrigins.closes(state, numbers, closes);
    var longer = new ArrayList<Changes.Write>();
    for (var origin : StoredOrigins.heads(state, numbers)) {
      var context = origin.context();
      for (var closed : closes.replicas()) {
        var past = new Past(context.with(origin.replica(), origin.seq() - 1), closes);
        boolean isImplied = !context.contains(closed) && past.seq(closed) > 0;
        if (isImplied && !closed.equals(origin.replica())) {
          context = context.with(closed, past.seq(closed));
        }
      }
      if (!context.equals(origin.context())) {
        var whole = origin.with(context);
        longer.add(
            new Changes.Write(
                Table.META, Layout.head(origin.number()), Optional.of(whole.encode(numbers))));
      }
    }
    state.persist(new Changes(longer));
    return longer.size();
  }
}
