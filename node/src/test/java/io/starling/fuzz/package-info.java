/// Bytes and texts that come from outside, made up: whatever reads them must read or refuse them.
///
/// Start at [io.starling.fuzz.FuzzTest].
@NullMarked
package io.starling.fuzz;

import org.jspecify.annotations.NullMarked;
