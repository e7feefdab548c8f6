/// JSON text in and out, for every surface alike: values, views, and lines of exported keys.
///
/// Depends on `io.starling.crdt` and Jackson's streaming parser. Start at
/// [io.starling.node.json.JsonText].
@NullMarked
package io.starling.node.json;

import org.jspecify.annotations.NullMarked;
