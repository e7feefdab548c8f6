/// Connections to nodes, and what to do when one does not answer. Not for applications to use.
///
/// Depends on gRPC and the contracts. Start at [io.starling.client.link.Failover].
@NullMarked
package io.starling.client.link;

import org.jspecify.annotations.NullMarked;
