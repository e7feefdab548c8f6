package io.starling.node.cli;

import io.starling.node.local.LocalCluster;
import io.starling.node.local.LocalException;
import io.starling.node.local.LocalNode;
import io.starling.node.local.LocalProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `status`.
@Command(name = "status", description = "Shows the nodes of the cluster on this machine.")
final class StatusCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private DataOption data = new DataOption();

  @Option(names = "--json", description = "prints JSON: {\"nodes\":[...]}")
  private boolean isJson;

  @Override
  public Integer call() throws IOException, LocalException, CommandFailure, InterruptedException {
    var cluster = data.cluster();
    var nodes = ask(cluster);
    var out = spec.commandLine().getOut();
    if (isJson) {
      out.println(StatusText.json(nodes));
    } else {
      StatusText.table(nodes).forEach(out::println);
    }
    boolean isAnyUp = nodes.stream().anyMatch(node -> node.answer().isPresent());
    return isAnyUp ? ExitCode.DONE : ExitCode.UNREACHABLE;
  }

  private static List<StatusText.Node> ask(LocalCluster cluster)
      throws IOException, InterruptedException {
    var nodes = new ArrayList<StatusText.Node>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var asked =
          cluster.nodes().stream().map(node -> threads.submit(() -> ask(cluster, node))).toList();
      for (var answer : asked) {
        nodes.add(answer.get());
      }
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof UncheckedIOException unreadable
          ? unreadable.getCause()
          : new IOException(failed.getCause());
    }
    return nodes;
  }

  private static StatusText.Node ask(LocalCluster cluster, LocalNode node) {
    try {
      return new StatusText.Node(
          node, new LocalProcess(node).running(), LocalStatus.ask(cluster, node));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
