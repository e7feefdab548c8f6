package io.starling.node.hosting;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.peer.PeerLinks;
import io.starling.node.space.SpaceSettings;
import io.starling.replica.message.Message;
import io.starling.replica.message.Transfer;
import java.util.function.Supplier;

/// The way out of one space: what is in it goes to its hosts alone, whatever another member asks
/// for. Questions go to any, for a member that is to host the space no longer may have what the
/// hosts lack; and such a member acknowledges nothing, for others would rely on what it is about to
/// delete.
record HostLinks(PeerLinks links, KeyFingerprint self, Supplier<SpaceSettings> settings)
    implements PeerLinks {

  @Override
  public void send(KeyFingerprint peer, Message message) {
    if (maySend(peer, message)) {
      links.send(peer, message);
    }
  }

  private boolean maySend(KeyFingerprint peer, Message message) {
    var now = settings.get();
    return switch (message) {
      case Message.Pull _, Message.Ask _ -> true;
      case Message.Acknowledged _ -> now.isHost(self);
      case Message.Transferred(_, _, var transfer) -> isQuestion(transfer) || now.isHost(peer);
      case Message.Batches _, Message.Announcement _, Message.Behind _, Message.Evidence _ ->
          now.isHost(peer);
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
