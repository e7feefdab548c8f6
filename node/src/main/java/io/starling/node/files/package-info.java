/// Writing so that it lasts: bytes and names of files that a power loss does not undo.
///
/// Depends on the JDK alone. Start at [io.starling.node.files.DurableFile].
@NullMarked
package io.starling.node.files;

import org.jspecify.annotations.NullMarked;
