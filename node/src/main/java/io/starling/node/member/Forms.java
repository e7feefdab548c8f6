package io.starling.node.member;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.batch.BatchEncoding;
import io.starling.replica.message.TransferEncoding;
import java.util.Collection;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// The newest version of each form on the wire that a node reads, as it announces in its document
/// under `members/` in `_system`.
///
/// Nodes of several versions live together for as long as an upgrade takes, or a member is away. So
/// a newer form is written only when all members, also those that cannot be reached, have announced
/// that they read it ([#writable]). The announcement is data like any other: it reaches every
/// member, and stands while its author is away. A form that is not named is read in version 1,
/// which was before announcements.
///
/// @param newest by the name of the form; names that this version does not know are kept
public record Forms(SortedMap<String, Integer> newest) {

  /// Signed batches.
  public static final String BATCH = "batch";

  /// What is said between peers: beacons, tokens, acknowledgements, transfers.
  public static final String PEER = "peer";

  /// Of a form that is not named.
  public static final int FIRST = 1;

  /// A node that announces nothing.
  public static final Forms NONE = new Forms(new TreeMap<>());

  private static final int PEER_VERSION = TransferEncoding.BRANCHES_FORM;

  public Forms {
    newest = Collections.unmodifiableSortedMap(new TreeMap<>(newest));
  }

  /// What this version reads.
  public static Forms own() {
    var newest = new TreeMap<String, Integer>();
    newest.put(BATCH, BatchEncoding.FORMAT);
    newest.put(PEER, PEER_VERSION);
    return new Forms(newest);
  }

  /// The version in which a node says something to its peers or writes; the first, while it is
  /// linked with one that it does not know, as a node that has just joined is: before it has all of
  /// `_system` it knows of few members but itself.
  ///
  /// @param reachable with whom it is linked
  public static int writable(
      String form, Collection<Member> members, Collection<KeyFingerprint> reachable) {
    var known = members.stream().map(Member::key).toList();
    boolean areAllKnown = !known.isEmpty() && known.containsAll(reachable);
    return areAllKnown ? own().writable(form, members) : FIRST;
  }

  /// The newest version of a form that is read.
  public int newest(String form) {
    return newest.getOrDefault(form, FIRST);
  }

  /// The version in which a node writes a form: the newest that it knows itself and all members
  /// have announced to read.
  ///
  /// @param members all that `_system` names, lapsed ones and those away included: they come back
  public int writable(String form, Collection<Member> members) {
    return members.stream()
        .mapToInt(member -> member.reads().newest(form))
        .reduce(newest(form), Math::min);
  }
}
