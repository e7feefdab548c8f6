package io.starling.node.cli;

import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Texts;
import io.starling.node.backup.restore.WantedKeys;
import io.starling.node.json.ExportLine;
import java.io.IOException;
import java.util.Optional;

/// The keys of a file that `export` wrote, read once.
final class ExportedKeys implements WantedKeys {

  private final NdjsonFile lines;
  private final ExportLine.Begin begin;
  private String key = "";
  private View view = new View.Absent();
  private Optional<String> obstacle = Optional.empty();
  private long parts;
  private long keys;

  /// What is wrong with the file, and where.
  static final class BadLine extends IOException {
    private static final long serialVersionUID = 1;

    private BadLine(long number, String why, Throwable cause) {
      super("line " + number + ": " + why, cause);
    }

    private BadLine(long number, String why) {
      super("line " + number + ": " + why);
    }
  }

  private ExportedKeys(NdjsonFile lines, ExportLine.Begin begin) {
    this.lines = lines;
    this.begin = begin;
  }

  /// Reads the first line.
  static ExportedKeys begin(NdjsonFile lines) throws IOException {
    if (next(lines).orElse(new ExportLine.End(0)) instanceof ExportLine.Begin begin) {
      return new ExportedKeys(lines, begin);
    }
    throw new BadLine(
        1,
        "what 'export' writes begins with {\"export\":" + ExportLine.FORM + ", …}, and this not");
  }

  /// With which all keys of the file begin.
  String prefix() {
    return begin.prefix();
  }

  @Override
  public void beginning(String prefix, Visitor visitor) throws IOException {
    while (true) {
      var line = next(lines);
      switch (line.orElseThrow(() -> broken("the file ends here, before its last line"))) {
        case ExportLine.Key(var name, var read) -> {
          turnTo(name, prefix, visitor);
          take(read);
        }
        case ExportLine.Lacking(var name, var why) -> {
          turnTo(name, prefix, visitor);
          obstacle = Optional.of("it was not exported: " + why);
        }
        case ExportLine.End(long count) -> {
          show(prefix, visitor);
          requireEnd(count);
          return;
        }
        case ExportLine.Begin _ -> throw broken("a file begins in the middle of another");
      }
    }
  }

  private void requireEnd(long count) throws IOException {
    if (count != keys) {
      throw broken("the file says that it has " + count + " keys, and has " + keys);
    }
    if (next(lines).isPresent()) {
      throw broken("something is behind the last line");
    }
  }

  /// Goes on to a key, or stays with it.
  private void turnTo(String name, String prefix, Visitor visitor) throws IOException {
    if (name.equals(key)) {
      return;
    }
    if (!name.startsWith(begin.prefix())) {
      throw broken("the key does not begin with '" + begin.prefix() + "', as all of the file do");
    }
    if (Texts.compareUtf8(name, key) < 0) {
      throw broken("out of order: " + name + " comes before " + key);
    }
    show(prefix, visitor);
    key = name;
    view = new View.Absent();
    obstacle = Optional.empty();
    parts = 0;
    keys++;
  }

  private void take(View read) throws IOException {
    parts += parts(read);
    if (parts > PARTS_MAX) {
      throw broken(key + " has more than " + PARTS_MAX + " parts");
    }
    try {
      view = view instanceof View.Absent ? read : ExportLine.join(view, read);
    } catch (MalformedException refused) {
      throw broken(String.valueOf(refused.getMessage()), refused);
    }
  }

  private static long parts(View view) {
    return switch (view) {
      case View.Elements(_, var elements, _) -> elements.size();
      case View.Fields(var fields) ->
          1 + fields.values().stream().mapToLong(ExportedKeys::parts).sum();
      case View.Conflict(var views) -> views.values().stream().mapToLong(ExportedKeys::parts).sum();
      case View.Absent _, View.Register _, View.Counter _, View.Flag _ -> 1;
    };
  }

  private void show(String prefix, Visitor visitor) throws IOException {
    if (key.isEmpty() || !key.startsWith(prefix)) {
      return;
    }
    try {
      if (obstacle.isEmpty()) {
        ExportLine.requireWhole(key, view);
      }
    } catch (MalformedException refused) {
      throw broken(String.valueOf(refused.getMessage()), refused);
    }
    visitor.see(key, view, obstacle);
  }

  /// The next line that is not blank.
  private static Optional<ExportLine> next(NdjsonFile lines) throws IOException {
    while (true) {
      Optional<NdjsonFile.Line> line;
      try {
        line = lines.next();
      } catch (IOException broken) {
        var why = "the file cannot be read on behind this line: " + broken.getMessage();
        throw new BadLine(lines.number(), why, broken);
      }
      if (line.isEmpty()) {
        return Optional.empty();
      }
      if (line.get().isTooLong()) {
        throw new BadLine(lines.number(), "longer than " + NdjsonFile.LINE_BYTES_MAX + " bytes");
      }
      if (!isBlank(line.get().bytes())) {
        try {
          return Optional.of(ExportLine.parse(line.get().bytes()));
        } catch (MalformedException refused) {
          throw new BadLine(lines.number(), String.valueOf(refused.getMessage()), refused);
        }
      }
    }
  }

  private static boolean isBlank(byte[] bytes) {
    for (var one : bytes) {
      if (one != ' ' && one != '\t' && one != '\r') {
        return false;
      }
    }
    return true;
  }

  private BadLine broken(String why) {
    return new BadLine(lines.number(), why);
  }

  private BadLine broken(String why, Throwable cause) {
    return new BadLine(lines.number(), why, cause);
  }
}
