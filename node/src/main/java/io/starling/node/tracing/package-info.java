/// Traces of what a node does, for a collector that understands OTLP over HTTP. Off unless a
/// collector is configured.
///
/// The only package that knows OpenTelemetry. Depends on `io.starling.node.loop`. Start at
/// [io.starling.node.tracing.Tracing].
@NullMarked
package io.starling.node.tracing;

import org.jspecify.annotations.NullMarked;
