package io.starling.node.cli.backup;

import io.starling.node.cli.outcome.CommandGroup;
import picocli.CommandLine.Command;

/// `backup restore keys|node`.
@Command(
    name = "restore",
    description = "Restores what is in a backup.",
    subcommands = {RestoreKeysCommand.class, RestoreNodeCommand.class})
final class RestoreCommand extends CommandGroup {}
