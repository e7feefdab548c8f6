package io.starling.node.cli.backup;

import io.starling.node.cli.outcome.CommandGroup;
import picocli.CommandLine.Command;

/// `backup …`.
@Command(
    name = "backup",
    description = "Makes backups, checks them, and restores what is in them.",
    subcommands = {
      InitCommand.class,
      CreateCommand.class,
      ListCommand.class,
      VerifyCommand.class,
      PruneCommand.class,
      RestoreCommand.class,
    })
public final class BackupCommand extends CommandGroup {}
