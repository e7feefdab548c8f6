/// The store on disk: one RocksDB for all spaces of a node.
///
/// Each [io.starling.replica.port.Table] is a column family, for tables differ in how they are used
/// and so in how they are best kept, and there are few of them; a space is a four-byte number in
/// front of each key, for spaces may be many and a column family costs memory and a file each.
///
/// Depends on `io.starling.node.storage`, `io.starling.replica.port` and RocksDB, whose types stay
/// in here. Start at [io.starling.node.storage.rocksdb.RocksStore].
@NullMarked
package io.starling.node.storage.rocksdb;

import org.jspecify.annotations.NullMarked;
