/// How nodes talk to each other: mutual TLS 1.3, one gRPC stream for each direction of dialling,
/// bounded queues, and the checks that stand before the engine.
///
/// With the client API the only package that knows gRPC and Netty. Depends on
/// `io.starling.node.identity`, on [io.starling.node.peer] and on the engine's messages; knows no
/// other adapter. Start reading at [io.starling.node.transport.PeerTransport]; a message goes out
/// by [io.starling.node.transport.Link] and comes in by [io.starling.node.transport.Intake]. The
/// contract is `peer.proto`.
@NullMarked
package io.starling.node.transport;

import org.jspecify.annotations.NullMarked;
