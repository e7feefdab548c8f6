package io.starling.node.cli;

import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.replica.request.Mutation;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `set KEY VALUE`.
@Command(name = "set", description = "Gives a key a value (or --flag KEY on|off).")
final class SetCommand extends WriteCommand {

  @Parameters(
      index = "1",
      paramLabel = "VALUE",
      description = "text, or JSON with --json; - reads it from standard input")
  private String value = "";

  @Option(
      names = "--json",
      description = "VALUE is JSON, kept as one value; prints {\"operations\", \"token\"}")
  private boolean isJson;

  @Option(names = "--text", description = "VALUE is text, also with --json")
  private boolean isText;

  @Option(
      names = "--flag",
      description = "VALUE is on or off, for a flag: on wins, unless --disable-wins")
  private boolean isFlag;

  @Option(
      names = "--disable-wins",
      description = "with --flag: off wins over what is switched on at the same time elsewhere")
  private boolean doesDisableWin;

  @Option(names = "--all", description = "shows all values, when several are written at once")
  private boolean isAll;

  @Option(
      names = "--max",
      description =
          "keeps the greatest: a number, or text with --text, that is not greater changes nothing")
  private boolean isMax;

  @Option(names = "--min", description = "keeps the least, likewise")
  private boolean isMin;

  @Override
  boolean isJson() {
    return isJson;
  }

  @Override
  List<Mutation> mutations(Path path) throws IOException, CommandFailure {
    if (isFlag && (isAll || isMax || isMin)) {
      throw CommandFailure.usage("--all, --max and --min are no rules of a flag");
    }
    if (isFlag) {
      return List.of(new Mutation.SetFlag(path, isOn(), doesDisableWin ? Bias.REMOVE : Bias.ADD));
    }
    if (doesDisableWin) {
      throw CommandFailure.usage("--disable-wins goes with --flag");
    }
    boolean isRanked = isMax || isMin;
    return List.of(
        new Mutation.Set(
            path, ValueText.parse(input().or(value), (isJson || isRanked) && !isText), rule()));
  }

  private ReadRule rule() throws CommandFailure {
    if (Stream.of(isAll, isMax, isMin).filter(it -> it).count() > 1) {
      throw CommandFailure.usage("--all, --max and --min go one at a time");
    }
    if (isMax || isMin) {
      return isMax ? ReadRule.MAX : ReadRule.MIN;
    }
    return isAll ? ReadRule.ALL : ReadRule.LATEST;
  }

  private boolean isOn() throws CommandFailure {
    return switch (value) {
      case "on", "true" -> true;
      case "off", "false" -> false;
      default -> throw CommandFailure.usage("a flag is on or off, not '" + value + "'");
    };
  }
}
