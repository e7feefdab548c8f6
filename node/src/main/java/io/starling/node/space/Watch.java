package io.starling.node.space;

import io.starling.crdt.read.View;
import io.starling.replica.message.Token;
import java.util.List;

/// A running watch. Closing it twice is harmless.
///
/// Changes come in groups. A group takes the watcher from one causally consistent cut to a later
/// one: it names every key under the prefix that changed between them, with what it reads now. A
/// watcher that falls behind gets fewer, larger groups, never a gap; the names of changed keys are
/// kept for it up to a limit ([#PENDING_KEYS_MAX]), beyond which the watch ends with OVERRUN and
/// the watcher resumes with its last token.
public interface Watch extends AutoCloseable {

  /// Keys that may wait for a slow watcher.
  int PENDING_KEYS_MAX = 100_000;

  /// Elements of each set that a change shows, from the first on.
  int ELEMENTS_MAX = 1_000;

  /// Stops the watch. No call is made after this returns, but for one that has begun.
  @Override
  void close();

  /// Tells the watch that the listener can take another group. A listener starts with one, which
  /// the first group takes: empty where the watch begins with now, for the token in it.
  void ready();

  /// A key and what it reads now; absent if it was removed.
  record Change(String key, View view) {}

  /// Why a watch ended by itself.
  enum End {
    /// More keys changed than are kept for a slow watcher. Resume with the last token.
    OVERRUN,
    /// The log no longer reaches back to the token, or too much has changed since. Read everything,
    /// then watch from that token.
    BEHIND_LOG,
    /// The token is of another space, cluster or branch.
    FOREIGN_TOKEN,
    /// Within a minute this node has not applied what the token covers. Resume on another node, or
    /// later.
    NOT_YET,
    /// A key under the prefix has a value with more parts than one read may touch. Watch a narrower
    /// prefix.
    TOO_LARGE,
    /// The node stops. Resume on another.
    STOPPING
  }

  /// Is told of changes; calls come one at a time, on a virtual thread.
  interface Listener {

    /// The next part of a group; the parts of a group hold at most 1 000 changes each.
    ///
    /// @param token where the watcher is after the group's last part; resume with it only then
    /// @param last whether the group is complete
    void changed(List<Change> changes, Token token, boolean last);

    /// The watch is over.
    void ended(End end);
  }
}
