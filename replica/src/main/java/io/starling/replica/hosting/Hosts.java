package io.starling.replica.hosting;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.message.Message;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import java.util.Optional;

/// The members that host a space, as one of them knows it by now, and what follows from that for it
/// (ADR 20). A member that was taken off the list still has what it has: it hands that over first.
///
/// Why nothing is lost by a change of hosts, whoever changes the list at whichever members at once:
/// a member gives up only what a host has signed to have, and only who is a host when it signs does
/// sign. So of several that are taken off, each relies on one that goes later, or not at all; there
/// is no circle in which all rely on each other.
@FunctionalInterface
public interface Hosts {

  /// Whether a member hosts the space.
  boolean isHost(KeyFingerprint member);

  /// Whether a member lets a message out. What is in the space goes to its hosts alone, whatever
  /// another member asks for. Questions go to any, for a member that is to host the space no longer
  /// may have what the hosts lack; and such a member acknowledges nothing, for others would rely on
  /// what it is about to give up.
  default boolean letsOut(KeyFingerprint self, KeyFingerprint peer, Message message) {
    return message instanceof Message.Acknowledged
        ? isHost(self)
        : isQuestion(message) || isHost(peer);
  }

  /// Whether a member is to have the space open: as a host, or since it may have what the hosts
  /// lack.
  ///
  /// @param hasSome whether anything of it is stored there, in a damaged store that is set aside
  ///   and not read yet, too
  default boolean isOpenAt(KeyFingerprint self, boolean hasSome) {
    return isHost(self) || hasSome;
  }

  /// Whether a member may give up now what it has of the space.
  ///
  /// @param covered what another host has signed to have durably applied; empty if none has
  /// @param applied all that is durably applied here
  /// @param isWhole whether nothing is left to be read of a damaged store: what is applied is not
  ///   all that the member has, else
  default boolean mayGiveUp(
      KeyFingerprint self, Optional<Token> covered, Token applied, boolean isWhole) {
    return !isHost(self) && isWhole && covered.equals(Optional.of(applied));
  }

  /// Whether a message tells nothing of what is in the space.
  static boolean isQuestion(Message message) {
    return switch (message) {
      case Message.Pull _, Message.Ask _ -> true;
      case Message.Transferred(_, _, var transfer) -> isQuestion(transfer);
      case Message.Batches _,
          Message.Announcement _,
          Message.Behind _,
          Message.Evidence _,
          Message.Acknowledged _ ->
          false;
    };
  }

  /// A refusal is as good as a question: it tells nothing of what is here.
  private static boolean isQuestion(Transfer transfer) {
    return switch (transfer) {
      case Transfer.Ask _,
          Transfer.Leaves _,
          Transfer.Get _,
          Transfer.Compare _,
          Transfer.Fetch _,
          Transfer.Looking _,
          Transfer.Refused _ ->
          true;
      case Transfer.Offer _, Transfer.Page _, Transfer.Compared _ -> false;
    };
  }
}
