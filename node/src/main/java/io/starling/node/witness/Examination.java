package io.starling.node.witness;

import io.starling.replica.Effect;
import io.starling.replica.message.Token;
import io.starling.replica.read.Coverage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// What became of a store since it was last witnessed.
///
/// A store is never older than its witness while disks keep what they have synced, for only what is
/// durable is witnessed. So one that lacks something was set back: whole, by a restored copy or an
/// older image of the disk, or by what a disk had not kept when its power was lost. One that lacks
/// nothing but is another file, or on another machine, was copied or moved. What is not told: a
/// store that was set back by no more than was written since the witness was; and one that was set
/// back together with its witness in the same place. Then only peers know.
final class Examination {

  private final Witness then;
  private final StorePlace now;
  private final Function<Token, Extent> store;

  /// How far a space is that was witnessed.
  ///
  /// @param isEmpty whether nothing is applied at all
  /// @param coverage whether all that was witnessed is there
  record Extent(boolean isEmpty, Coverage coverage) {}

  /// @param store how far the space of a token is, and whether it covers that
  Examination(Witness then, StorePlace now, Function<Token, Extent> store) {
    this.then = then;
    this.now = now;
    this.store = store;
  }

  Optional<Finding> finding() {
    var behind = new ArrayList<String>();
    boolean isEmpty = true;
    for (var space : then.spaces().entrySet()) {
      var token = space.getValue().token();
      if (!token.heads().isEmpty()) {
        var extent = store.apply(token);
        isEmpty &= extent.isEmpty();
        if (extent.coverage() != Coverage.COVERED) {
          behind.add(space.getKey());
        }
      }
    }
    if (!behind.isEmpty()) {
      return Optional.of(isEmpty ? lost() : setBack(behind));
    }
    if (!then.place().isSame(now)) {
      return Optional.of(copied());
    }
    return then.isClean()
        ? Optional.empty()
        : Optional.of(
            new Finding(
                Optional.empty(),
                "the last run ended without a clean stop: it was killed, or the power was lost;"
                    + " the store holds all that was known to be durable at "
                    + then.written()
                    + ", and every write that was acknowledged; nothing is to be done"));
  }

  private Finding lost() {
    return Finding.alarm(
        Effect.Kind.STORE_LOST,
        "the store is empty, and at "
            + then.written()
            + " it was not: its disk or directory was lost, and the key was kept; the node goes on"
            + " as a new incarnation and takes everything from its peers, its own writes too;"
            + " keep the peers running until it has caught up, and restore a backup only for what"
            + " no peer has");
  }

  private Finding setBack(List<String> behind) {
    var what =
        "the store is older than it was at "
            + then.written()
            + " (space "
            + String.join(", ", behind)
            + ")";
    var toDo =
        "; the node goes on as a new incarnation and fetches what its peers hold, its own writes"
            + " too; keep the peers running until it has";
    return Finding.alarm(Effect.Kind.STORE_SET_BACK, what + how() + toDo);
  }

  private String how() {
    if (!then.place().isSameHost(now)) {
      return ": a copy from another machine was put in its place";
    }
    if (!then.place().isSame(now)) {
      return ": an older copy was put in its place";
    }
    return then.isClean()
        ? ": it had stopped cleanly, so its files or its disk were set back"
        : ": its disk did not keep what it had synced when the power was lost, or was set back;"
            + " look at the disk and its write cache";
  }

  private Finding copied() {
    var from =
        then.place().isSameHost(now)
            ? "the store was copied or moved since " + then.written()
            : "the store was copied or moved here from another machine ("
                + then.place().host()
                + ") since "
                + then.written();
    return Finding.alarm(
        Effect.Kind.STORE_COPIED,
        from
            + "; if this is a restored or moved directory nothing is to be done; if the original is"
            + " still there, never start it beside this one: give one of them a directory and a"
            + " name of its own");
  }
}
