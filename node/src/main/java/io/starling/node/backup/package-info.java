/// Backups: what a node's spaces were at one moment, in a repository; and the ways back.
///
/// A backup is made of one snapshot for each space, `_system` last, so that it covers what the
/// others name in it. Each part of a space's image ([io.starling.replica.state.SpaceImage]) is cut
/// into chunks where its rows' keys say so: a change of a row changes its chunk and no other.
///
/// Depends on `io.starling.node.storage` and the engine's image of a space; not on any adapter.
/// Start at [io.starling.node.backup.BackupRun] and [io.starling.node.backup.Manifest].
@NullMarked
package io.starling.node.backup;

import org.jspecify.annotations.NullMarked;
