package io.starling.node.cli;

import io.starling.node.local.LocalException;
import io.starling.node.local.LocalProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `down`.
@Command(name = "down", description = "Stops the nodes of the cluster on this machine.")
final class DownCommand implements Callable<Integer> {

  private static final Duration STOP_MAX = Duration.ofSeconds(20);

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private DataOption data = new DataOption();

  @Override
  public Integer call() throws IOException, LocalException, CommandFailure, InterruptedException {
    var out = spec.commandLine().getOut();
    var running = new LinkedHashMap<LocalProcess, ProcessHandle>();
    for (var node : data.cluster().nodes()) {
      var process = new LocalProcess(node);
      process.running().ifPresent(handle -> running.put(process, handle));
    }
    running.values().forEach(ProcessHandle::destroy);
    for (var one : running.entrySet()) {
      boolean isClean = one.getKey().stop(one.getValue(), STOP_MAX);
      var name = one.getKey().node().name();
      out.println(name + (isClean ? " stopped" : " did not stop by itself and was ended"));
    }
    if (running.isEmpty()) {
      out.println("no node was running");
    }
    return ExitCode.DONE;
  }
}
