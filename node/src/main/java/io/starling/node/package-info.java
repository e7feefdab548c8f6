/// The product: the loop around the engine and the adapters to disk, network and people.
///
/// Adapters (`storage`, `transport`, `api`, `discovery`) know the engine's ports and no other
/// adapter. Start reading at `io.starling.node.cli.Main`.
@NullMarked
package io.starling.node;

import org.jspecify.annotations.NullMarked;
