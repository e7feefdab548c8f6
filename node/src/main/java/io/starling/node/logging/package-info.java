/// What a node writes to its log: in which form, and how much.
///
/// The only package that knows logback. Depends on nothing else here. Start at
/// [io.starling.node.logging.LogLevels].
@NullMarked
package io.starling.node.logging;

import org.jspecify.annotations.NullMarked;
