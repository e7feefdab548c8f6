package io.starling.node.space;

import io.starling.replica.message.Token;
import java.time.Duration;

/// A running watch. Closing it twice is harmless.
///
/// Changes come in groups that end with [WatchEvent.UpToDate]. A group takes the watcher from one
/// causally consistent cut to a later one: it names every key under the prefix that changed between
/// them, once, with what it reads now. A watcher that falls behind gets fewer, larger groups, never
/// a gap; the names of changed keys are kept for it up to limits ([#PENDING_KEYS_MAX],
/// [#PENDING_BYTES_MAX]), beyond which it is told [WatchEvent.Resync] and the state anew. Values
/// are never kept for it.
public interface Watch extends AutoCloseable {

  /// Keys that may wait for a slow watcher.
  int PENDING_KEYS_MAX = 100_000;

  /// What their names may take in memory, of all watches of a space together; beyond it, the watch
  /// that is furthest behind is told to read anew.
  long PENDING_BYTES_MAX = 64L << 20;

  /// Batches that are looked at for a watch that resumes; beyond them it gets the state anew.
  long RESUME_BATCHES_MAX = 100_000;

  /// Elements of each set that a row or change shows, from the first on.
  int ELEMENTS_MAX = 1_000;

  /// A watch on which nothing happens is heard of this often.
  Duration PING = Duration.ofSeconds(10);

  /// How long a snapshot or a group may take to be told; a slower watcher is let go.
  Duration TELLING_MAX = Duration.ofMinutes(10);

  /// Stops the watch. No call is made after this returns, but for one that has begun.
  @Override
  void close();

  /// Where a watch begins.
  sealed interface From {
    /// With the state, then what changes.
    record State() implements From {}

    /// With what changes from now on.
    record Now() implements From {}

    /// With what has changed since a token that an earlier watch, on any node, had come to.
    record Resume(Token token) implements From {}
  }

  /// Why a watch ended by itself.
  enum End {
    /// Too many watches here. Watch on another node, or later.
    TOO_MANY,
    /// The watcher took longer than [#TELLING_MAX] for one snapshot or group.
    SLOW,
    /// The token is of another space, cluster or branch.
    FOREIGN_TOKEN,
    /// Within a minute this node has not applied what the token covers. Resume on another node, or
    /// later.
    NOT_YET,
    /// The store cannot be read now. Resume on another node, or later.
    UNAVAILABLE,
    /// The space was dropped. There is nothing to resume.
    DROPPED,
    /// This node hosts the space no longer. Resume on one that does.
    MOVED,
    /// The node stops. Resume on another.
    STOPPING
  }

  /// Is told of events; calls come one at a time, on a virtual thread.
  interface Listener {

    /// Takes an event. May block, for as long as its client takes: the watch merges what happens
    /// meanwhile. May gather rows and changes, and hands on what it has gathered with any other.
    ///
    /// @throws InterruptedException when the watch is to end
    void tell(WatchEvent event) throws InterruptedException;

    /// The watch is over.
    void ended(End end);
  }
}
