/// Where the loops and the transport meet: messages to peers and from them.
///
/// Depends on `io.starling.replica` only. The transport implements
/// [io.starling.node.peer.PeerLinks] and feeds a [io.starling.node.peer.SpaceInbox].
@NullMarked
package io.starling.node.peer;

import org.jspecify.annotations.NullMarked;
