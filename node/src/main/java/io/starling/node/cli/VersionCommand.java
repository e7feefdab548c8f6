package io.starling.node.cli;

import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.outcome.ProgramVersion;
import io.starling.node.cli.terminal.Fields;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `version`.
@Command(name = "version", description = "Prints the versions of Starling and of Java.")
final class VersionCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--json", description = "prints {\"version\", \"commit\", \"java\", \"os\"}")
  private boolean isJson;

  @Override
  public Integer call() {
    var java =
        System.getProperty("java.runtime.version") + ", " + System.getProperty("java.vendor");
    var os = String.join(" ", List.of(property("name"), property("version"), property("arch")));
    var out = spec.commandLine().getOut();
    if (isJson) {
      var versions = new Fields().put("version", ProgramVersion.text());
      ProgramVersion.commit().ifPresent(commit -> versions.put("commit", commit));
      out.println(versions.put("java", java).put("os", os).json());
    } else {
      out.println("starling " + ProgramVersion.exact());
      out.println("Java " + java);
      out.println(os);
    }
    return ExitCode.DONE;
  }

  private static String property(String name) {
    return System.getProperty("os." + name, "");
  }
}
