package io.starling.node.hosting;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.peer.PeerLinks;
import io.starling.replica.hosting.Hosts;
import io.starling.replica.message.Message;
import java.util.function.Supplier;

/// The way out of one space, by what [Hosts] lets out.
record HostLinks(PeerLinks links, KeyFingerprint self, Supplier<? extends Hosts> hosts)
    implements PeerLinks {

  @Override
  public void send(KeyFingerprint peer, Message message) {
    if (hosts.get().letsOut(self, peer, message)) {
      links.send(peer, message);
    }
  }
}
