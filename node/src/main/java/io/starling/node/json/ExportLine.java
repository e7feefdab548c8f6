package io.starling.node.json;

import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.read.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// A line of a file of exported keys.
///
/// The first says which keys the file has, the last how many; without it the file is not whole.
/// Between them keys stand in the order of their UTF-8. One that is too large for a line has
/// several, one behind the other, which [#join] puts together.
public sealed interface ExportLine {

  /// The form that is written and read.
  int FORM = 1;

  /// The first line.
  ///
  /// @param space of which the keys were
  /// @param prefix with which all of them begin
  record Begin(String space, String prefix) implements ExportLine {}

  /// What a key reads, or a part of it.
  record Key(String key, View view) implements ExportLine {}

  /// A key that is not in the file, or not all of it.
  record Lacking(String key, String why) implements ExportLine {}

  /// The last line.
  ///
  /// @param keys how many were before it
  record End(long keys) implements ExportLine {}

  /// Reads a line.
  static ExportLine parse(byte[] utf8) throws MalformedException {
    return ExportJson.line(utf8);
  }

  /// The line in UTF-8, without an end of line. Who wrote what is left out if there is no room for
  /// it.
  ///
  /// @return nothing if it is longer than it may be
  static Optional<byte[]> write(ExportLine line, int bytesMax) {
    return ExportJson.write(line, bytesMax, false).or(() -> ExportJson.write(line, bytesMax, true));
  }

  /// Two halves of a view, each to have a line of its own.
  ///
  /// @return none if it has none: it is one value, or two types at once
  static List<View> halves(View view) {
    return switch (view) {
      case View.Elements(var bias, var all, boolean more) when all.size() > 1 -> {
        int half = all.size() / 2;
        yield List.of(
            new View.Elements(bias, all.subList(0, half), true),
            new View.Elements(bias, all.subList(half, all.size()), more));
      }
      case View.Fields(var fields) when fields.size() > 1 -> {
        var names = List.copyOf(fields.keySet());
        var middle = names.get(names.size() / 2);
        yield List.of(
            new View.Fields(fields.headMap(middle)), new View.Fields(fields.tailMap(middle)));
      }
      case View.Fields(var fields) when fields.size() == 1 -> {
        var halves = new ArrayList<View>();
        var name = fields.firstKey();
        for (var half : halves(fields.values().iterator().next())) {
          var one = new TreeMap<String, View>();
          one.put(name, half);
          halves.add(new View.Fields(one));
        }
        yield halves;
      }
      case View.Absent _,
          View.Register _,
          View.Counter _,
          View.Flag _,
          View.Elements _,
          View.Fields _,
          View.Conflict _ ->
          List.of();
    };
  }

  /// Two parts of a view that follow each other, as one.
  static View join(View first, View second) throws MalformedException {
    if (first instanceof View.Elements(var bias, var elements, boolean more)
        && more
        && second instanceof View.Elements(var same, var others, boolean isMore)
        && bias == same) {
      var all = new ArrayList<>(elements);
      all.addAll(others);
      return new View.Elements(bias, all, isMore);
    }
    if (first instanceof View.Fields(var some) && second instanceof View.Fields(var others)) {
      var all = new TreeMap<>(some);
      for (var field : others.entrySet()) {
        var before = all.get(field.getKey());
        all.put(field.getKey(), before == null ? field.getValue() : join(before, field.getValue()));
      }
      return new View.Fields(all);
    }
    throw new MalformedException(
        "it does not go on with the line before, which is of the same key");
  }

  /// Refuses what is not the whole of a key.
  static void requireWhole(String key, View view) throws MalformedException {
    if (ViewJson.isCut(view)) {
      throw new MalformedException("the key before has sets that were to be gone on with: " + key);
    }
    ViewReader.check(Path.of(key), view);
  }
}
