/// `starling backup …`: has nodes make backups, looks after repositories, and restores.
///
/// Start at [io.starling.node.cli.backup.BackupCommand].
@NullMarked
package io.starling.node.cli.backup;

import org.jspecify.annotations.NullMarked;
