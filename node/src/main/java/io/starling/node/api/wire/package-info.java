/// Between the messages of `starling.v1` and the engine's own types, both ways.
///
/// Depends on `io.starling.replica` and the generated messages; the server and the client of the
/// gRPC API share it. Start at [io.starling.node.api.wire.WireMutations].
@NullMarked
package io.starling.node.api.wire;

import org.jspecify.annotations.NullMarked;
