/// A client of a node's gRPC API, as the command line and the benchmarks use it.
///
/// Depends on `io.starling.node.api.wire`. Start at [io.starling.node.client.NodeClient].
@NullMarked
package io.starling.node.client;

import org.jspecify.annotations.NullMarked;
