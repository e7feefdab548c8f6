/// What the engine asks of the world: state to read, a signature, the view of `_system`.
///
/// Depends on `io.starling.replica.batch` and `io.starling.crdt`. Adapters implement these.
@NullMarked
package io.starling.replica.port;

import org.jspecify.annotations.NullMarked;
