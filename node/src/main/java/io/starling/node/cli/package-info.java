/// The command line, `starling`: the only place that prints for people.
///
/// Start reading at [Main].
@NullMarked
package io.starling.node.cli;

import org.jspecify.annotations.NullMarked;
