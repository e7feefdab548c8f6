package io.starling.faults;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.starling.faults.history.Cut;
import io.starling.faults.history.History;
import io.starling.faults.history.History.Absence;
import io.starling.faults.history.Operation;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/// The history while it is made: kept, for the checks, and written to a file as it comes, one
/// object a line, for whoever looks into what they find. Safe to use from any thread.
final class Recorder implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final long begun = System.nanoTime();
  private final List<Operation> operations = new ArrayList<>();
  private final List<Absence> absences = new ArrayList<>();
  private final LongAdder repeats = new LongAdder();
  private final BufferedWriter out;

  Recorder(Path file) throws IOException {
    out = Files.newBufferedWriter(file);
  }

  /// Since the beginning of the run.
  long millis() {
    return (System.nanoTime() - begun) / 1_000_000;
  }

  synchronized void add(Operation operation) {
    operations.add(operation);
    write(line(operation));
  }

  synchronized void add(Absence absence) {
    absences.add(absence);
    write(Map.of("absence", absence));
  }

  /// Notes a write that its node had made before it was asked for again.
  void addRepeat() {
    repeats.increment();
  }

  long repeats() {
    return repeats.sum();
  }

  /// @param last what each node showed in the end
  synchronized History history(List<Operation.Read> last) {
    for (var read : last) {
      var line = line(read);
      line.put("last", true);
      write(line);
    }
    return new History(operations, absences, last);
  }

  private void write(Map<String, Object> line) {
    try {
      out.write(JSON.writeValueAsString(line));
      out.newLine();
    } catch (IOException full) {
      throw new UncheckedIOException(full);
    }
  }

  @Override
  public synchronized void close() throws IOException {
    out.close();
  }

  private static Map<String, Object> line(Operation operation) {
    var line = new LinkedHashMap<String, Object>();
    line.put("from", operation.call().invokedMillis());
    line.put("until", operation.call().answeredMillis());
    line.put("session", operation.call().session());
    line.put("node", operation.call().node());
    line.put("owed", operation.call().isOwed());
    line.put("object", operation.object());
    switch (operation) {
      case Operation.Write write -> {
        line.put("write", write.number());
        line.put("change", write.change().toString());
        line.put("outcome", write.outcome().toString());
        write
            .seen()
            .ifPresent(seen -> {
              line.put("seen", seen.writes().stream().toArray());
              line.put("exact", seen.isExact());
            });
        line.put("note", write.note());
      }
      case Operation.Read read -> {
        read.cut().ifPresent(cut -> line.put("read", cut(cut)));
        line.put("note", read.note());
      }
    }
    return line;
  }

  private static Map<String, Object> cut(Cut cut) {
    return Map.of(
        "writes",
        cut.writes().stream().toArray(),
        "count",
        cut.count(),
        "items",
        cut.items(),
        "values",
        cut.values());
  }
}
