/// Hints where peers are and whether they are gone, from a source that need not be believed.
///
/// Depends on `io.starling.node.identity` for addresses and on [io.starling.node.peer.PeerHints],
/// by which hints reach the transport. Start at [io.starling.node.discovery.HintBook], which
/// decides what becomes of what a source says; the one source there is lies in `hazelcast`.
@NullMarked
package io.starling.node.discovery;

import org.jspecify.annotations.NullMarked;
