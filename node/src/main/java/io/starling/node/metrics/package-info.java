/// What a node measures, for Prometheus.
///
/// The only package that knows Micrometer. Depends on `io.starling.node.status`,
/// `io.starling.node.hosting` and `io.starling.node.transport`. Start at
/// [io.starling.node.metrics.NodeMetrics].
@NullMarked
package io.starling.node.metrics;

import org.jspecify.annotations.NullMarked;
