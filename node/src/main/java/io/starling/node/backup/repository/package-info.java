/// A repository of backups: chunks named by what is in them, and manifests that name chunks.
///
/// ```
/// repository                    format, id, how it is encrypted
/// chunks/ab/abcd…               rows, packed and perhaps encrypted, named by a hash of the rows
/// backups/TIME-HASH             a manifest: written last, whole or not at all
/// leases/…                      who writes or prunes just now
/// ```
///
/// Nothing is ever changed but leases. What no manifest names is left over from a backup that was
/// broken off, or was pruned.
///
/// Depends on `io.starling.node.identity` for keys, `io.starling.node.json` and
/// `io.starling.node.files`. Start at [io.starling.node.backup.repository.Repository];
/// `docs/adr/0016` has the reasons.
@NullMarked
package io.starling.node.backup.repository;

import org.jspecify.annotations.NullMarked;
