package io.starling.node.cli;

import io.starling.node.bench.cost.WireBench;
import io.starling.node.bench.cost.WireBench.Row;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `bench wire`.
@Command(
    name = "wire",
    description = {
      "What a batch of 64 operations takes before gRPC and TLS: with values of 1 KiB against its",
      "keys and values, with values of 24 bytes against the same without its signature."
    })
final class BenchWireCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--json", description = "prints one JSON object")
  private boolean isJson;

  @Override
  public Integer call() throws IOException {
    var rows = WireBench.run();
    var detail = new LinkedHashMap<String, Object>();
    detail.put("bench", "wire");
    detail.put("rows", rows.stream().map(BenchWireCommand::json).toList());
    var lines = rows.stream().map(BenchWireCommand::line).toList();
    var checks = rows.stream().map(Row::check).toList();
    return new BenchReport(detail, lines, checks).print(spec.commandLine().getOut(), isJson);
  }

  private static Map<String, Object> json(Row row) {
    var object = new LinkedHashMap<String, Object>();
    object.put("operations", row.operations());
    object.put("valueBytes", row.valueBytes());
    object.put("payloadBytes", row.payloadBytes());
    object.put("unsignedBytes", row.unsignedBytes());
    object.put("signedBytes", row.signedBytes());
    object.put("overPayload", row.overPayload());
    object.put("overUnsigned", row.overUnsigned());
    return object;
  }

  private static String line(Row row) {
    return "%d values of %,d bytes: %,d bytes with their keys, a batch of %,d, signed %,d"
        .formatted(
            row.operations(),
            row.valueBytes(),
            row.payloadBytes(),
            row.unsignedBytes(),
            row.signedBytes());
  }
}
