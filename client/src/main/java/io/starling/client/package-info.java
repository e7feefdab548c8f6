/// A client for Starling clusters: several nodes as one, with fail-over; sessions that read what
/// they wrote, on any node; transactions; watches with back-pressure.
///
/// Calls block, which is what virtual threads are for; the `Async` variants run on one. Depends on
/// gRPC and the contracts in `io.starling.proto.v1`, nothing else. Start at
/// [io.starling.client.StarlingClient].
@NullMarked
package io.starling.client;

import org.jspecify.annotations.NullMarked;
