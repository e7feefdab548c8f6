package io.starling.node.cli;

import io.starling.crdt.value.Value;
import io.starling.node.cli.context.DataOption;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.Progress;
import io.starling.node.local.LocalException;
import io.starling.node.local.LocalProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `down`.
@Command(name = "down", description = "Stops the nodes of the cluster on this machine.")
final class DownCommand implements Callable<Integer> {

  private static final Duration STOP_MAX = Duration.ofSeconds(20);

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private DataOption data = new DataOption();

  @Option(names = "--json", description = "prints {\"stopped\":[{\"name\", \"clean\"}]}")
  private boolean isJson;

  @Override
  public Integer call() throws IOException, LocalException, CommandFailure, InterruptedException {
    var out = spec.commandLine().getOut();
    var running = new LinkedHashMap<LocalProcess, ProcessHandle>();
    for (var node : data.cluster().nodes()) {
      var process = new LocalProcess(node);
      process.running().ifPresent(handle -> running.put(process, handle));
    }
    running.values().forEach(ProcessHandle::destroy);
    var stopped = new ArrayList<Value>();
    for (var one : running.entrySet()) {
      var name = one.getKey().node().name();
      boolean isClean = stop(one.getKey(), one.getValue());
      stopped.add(new Fields().put("name", name).put("clean", isClean).struct());
      if (!isJson) {
        out.println(name + (isClean ? " stopped" : " did not stop by itself and was ended"));
      }
    }
    if (isJson) {
      out.println(new Fields().put("stopped", stopped).json());
    } else if (running.isEmpty()) {
      out.println("no node was running");
    }
    return ExitCode.DONE;
  }

  private boolean stop(LocalProcess process, ProcessHandle handle)
      throws IOException, InterruptedException {
    try (var progress = Progress.of(spec)) {
      return process.stop(
          handle, STOP_MAX, () -> progress.at("waiting for " + process.node().name() + " to stop"));
    }
  }
}
