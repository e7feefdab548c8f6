/// JSON text in and out, for every surface alike.
///
/// Depends on `io.starling.crdt.value` and Jackson's streaming parser. Start at
/// [io.starling.node.json.JsonText].
@NullMarked
package io.starling.node.json;

import org.jspecify.annotations.NullMarked;
