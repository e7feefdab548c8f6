/// Plain values: what registers hold, sets contain and JSON says, with their canonical bytes.
///
/// Depends on [io.starling.crdt.encoding]. Start at [io.starling.crdt.value.Value].
@NullMarked
package io.starling.crdt.value;

import org.jspecify.annotations.NullMarked;
