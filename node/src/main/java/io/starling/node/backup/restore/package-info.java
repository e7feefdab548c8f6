/// The ways back from a backup: keys as new writes into a cluster that runs, and the store of a
/// node that does not. Exported keys take the former.
///
/// New writes are ordinary transactions of a client, so they work in any cluster, and whatever is
/// written meanwhile merges with them as ever. The store of a node is what it was, without an
/// identity: the node that opens it begins a new incarnation, as at every start.
///
/// Depends on `io.starling.node.backup` and `io.starling.node.client`. Start at
/// [io.starling.node.backup.restore.KeyRestore] and [io.starling.node.backup.restore.StoreRestore].
@NullMarked
package io.starling.node.backup.restore;

import org.jspecify.annotations.NullMarked;
