package io.starling.replica.write;

import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.op.Operation;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// Merges a JSON object into a map, field by field: an object meets a map and recurses, anything
/// else is assigned where it differs. With null as removal this is JSON Merge Patch (RFC 7396).
///
/// Departure: a field that holds a counter, set or flag is not replaced but refused, since the
/// writer of the patch most likely did not know of it.
final class DocumentMerge {

  private static final Set<CellKind> PLAIN = EnumSet.of(CellKind.MAP, CellKind.REGISTER);

  private final MutationCompiler compiler;
  private final boolean nullRemoves;
  private final List<Operation> operations = new ArrayList<>();

  DocumentMerge(MutationCompiler compiler, boolean nullRemoves) {
    this.compiler = compiler;
    this.nullRemoves = nullRemoves;
  }

  List<Operation> merge(Path path, Value.Struct patch) throws Refusal {
    boolean isThere = compiler.cells().kindsAt(path).contains(CellKind.MAP);
    mergeFields(path, patch, isThere);
    if (!isThere && operations.isEmpty()) {
      operations.add(compiler.makeMap(path));
    }
    return operations;
  }

  /// @param isThere whether a map is at the path; if not, nothing below needs to be looked up
  private void mergeFields(Path path, Value.Struct patch, boolean isThere) throws Refusal {
    for (var field : patch.fields().entrySet()) {
      var below = field(path, field.getKey());
      Set<CellKind> kinds = isThere ? compiler.cells().kindsAt(below) : Set.of();
      requirePlain(below, kinds);
      mergeField(below, field.getValue(), kinds);
    }
  }

  private void mergeField(Path path, Value value, Set<CellKind> kinds) throws Refusal {
    switch (value) {
      case Value.Null() when nullRemoves -> {
        if (!kinds.isEmpty()) {
          operations.addAll(compiler.remove(path));
        }
      }
      case Value.Struct inner -> mergeStruct(path, inner, kinds);
      case Value.Null _,
          Value.Bool _,
          Value.Int _,
          Value.Real _,
          Value.Decimal _,
          Value.Text _,
          Value.Array _ -> {
        if (!reads(path, value, kinds)) {
          operations.addAll(compiler.set(path, value, rule(path, kinds)));
        }
      }
    }
  }

  private void mergeStruct(Path path, Value.Struct inner, Set<CellKind> kinds) throws Refusal {
    boolean isMap = kinds.contains(CellKind.MAP);
    if (!kinds.isEmpty() && !isMap) {
      operations.addAll(compiler.remove(path));
    }
    int before = operations.size();
    mergeFields(path, inner, isMap);
    if (!isMap && operations.size() == before) {
      operations.add(compiler.makeMap(path));
    }
  }

  /// A register that keeps its greatest or least value goes on doing so: who writes a document does
  /// not say how its fields are read.
  private ReadRule rule(Path path, Set<CellKind> kinds) {
    if (!kinds.contains(CellKind.REGISTER)) {
      return ReadRule.LATEST;
    }
    var register = (Cell.Register) compiler.cells().get(new CellId.Single(path, CellKind.REGISTER));
    var rule = new View.Register(register.values().entries()).rule();
    return rule == ReadRule.ALL ? ReadRule.LATEST : rule;
  }

  /// Whether a register at the path holds just this value, and nothing else is there.
  private boolean reads(Path path, Value value, Set<CellKind> kinds) {
    if (!kinds.equals(EnumSet.of(CellKind.REGISTER))) {
      return false;
    }
    var register = (Cell.Register) compiler.cells().get(new CellId.Single(path, CellKind.REGISTER));
    var values = register.values().entries();
    return values.size() == 1 && values.firstEntry().getValue().value().equals(value);
  }

  private static void requirePlain(Path path, Set<CellKind> kinds) throws Refusal {
    for (var kind : kinds) {
      if (!PLAIN.contains(kind)) {
        throw Refusal.precondition(
            "'"
                + path
                + "' holds a "
                + kind.label()
                + "; a document cannot replace it: change it by its own operations");
      }
    }
  }

  private static Path field(Path path, String name) throws Refusal {
    try {
      return path.field(name);
    } catch (IllegalArgumentException refused) {
      throw Refusal.invalid(refused.getMessage() + " (below '" + path + "')");
    }
  }
}
