/// The spaces that a node hosts: opened from `_system`, each with its loop, its watches and the
/// face that the client APIs see.
///
/// Depends on `io.starling.node.loop`, `io.starling.node.watch` and the contracts that it fulfils:
/// `io.starling.node.space`, `io.starling.node.peer`, `io.starling.node.member`. Start at
/// [io.starling.node.hosting.HostedSpaces].
@NullMarked
package io.starling.node.hosting;

import org.jspecify.annotations.NullMarked;
