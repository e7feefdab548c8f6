/// The client API `starling.v1` over gRPC.
///
/// Depends on the façades `io.starling.node.space`, `access` and `status`, and on
/// `io.starling.node.api.wire`. Calls run on virtual threads and may block; event loops never do.
/// Start at [io.starling.node.api.grpc.GrpcApi].
@NullMarked
package io.starling.node.api.grpc;

import org.jspecify.annotations.NullMarked;
