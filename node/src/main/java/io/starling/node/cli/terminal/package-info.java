/// What commands print on: text that cannot steer a terminal, colours, progress, JSON objects.
///
/// Knows nothing of nodes. Start at [io.starling.node.cli.terminal.Palette] and
/// [io.starling.node.cli.terminal.Fields].
@NullMarked
package io.starling.node.cli.terminal;

import org.jspecify.annotations.NullMarked;
