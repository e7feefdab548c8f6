/// What a node writes to its log.
///
/// Start at [io.starling.node.logging.LogFormatTest].
@NullMarked
package io.starling.node.logging;

import org.jspecify.annotations.NullMarked;
