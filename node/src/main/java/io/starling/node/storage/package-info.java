/// Where spaces keep their state: what the loops ask of a store.
///
/// Depends on `io.starling.replica.port`. Implemented by `io.starling.node.storage.rocksdb`. Start
/// at [io.starling.node.storage.SpaceStore].
@NullMarked
package io.starling.node.storage;

import org.jspecify.annotations.NullMarked;
