/// Where the loops and the transport meet: messages to peers and from them.
///
/// Depends on `io.starling.replica`, and on `io.starling.node.identity` for addresses. The
/// transport implements [io.starling.node.peer.PeerLinks], feeds a
/// [io.starling.node.peer.SpaceInbox] and takes [io.starling.node.peer.PeerHints].
@NullMarked
package io.starling.node.peer;

import org.jspecify.annotations.NullMarked;
