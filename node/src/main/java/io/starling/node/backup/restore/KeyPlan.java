package io.starling.node.backup.restore;

import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.replica.request.Mutation;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/// What it takes for a key to read as it did in a backup.
///
/// Nothing is written where it reads so already, so a restore that is run again does nothing. What
/// the backup has not, is removed only if that is wanted.
///
/// @param mutations in order; none if nothing is to be done
/// @param kept what is there, is not in the backup, and stays
/// @param obstacles why some of it cannot be brought back
public record KeyPlan(
    String key, List<Mutation> mutations, List<String> kept, List<String> obstacles) {

  public KeyPlan {
    mutations = List.copyOf(mutations);
    kept = List.copyOf(kept);
    obstacles = List.copyOf(obstacles);
  }

  /// A key that cannot be brought back.
  static KeyPlan impossible(String key, String why) {
    return new KeyPlan(key, List.of(), List.of(), List.of(why));
  }

  /// Whether all is as in the backup, or stays as it is.
  boolean isDone() {
    return mutations.isEmpty() && obstacles.isEmpty();
  }

  /// The plan for a key.
  ///
  /// @param wanted what it read in the backup, all elements of its sets included
  /// @param there what it reads now, likewise
  /// @param deletesExtra whether what the backup has not goes
  public static KeyPlan of(String key, View wanted, View there, boolean deletesExtra) {
    var difference = new Difference(deletesExtra);
    difference.between(Path.of(key), wanted, there);
    return new KeyPlan(key, difference.mutations, difference.kept, difference.obstacles);
  }

  private static final class Difference {
    private final boolean deletesExtra;
    private final List<Mutation> mutations = new ArrayList<>();
    private final List<String> kept = new ArrayList<>();
    private final List<String> obstacles = new ArrayList<>();

    private Difference(boolean deletesExtra) {
      this.deletesExtra = deletesExtra;
    }

    private void between(Path path, View wanted, View there) {
      if (wanted instanceof View.Absent) {
        extra(path, there);
      } else if (wanted instanceof View.Conflict) {
        conflict(path, wanted, there);
      } else if (there instanceof View.Absent) {
        write(path, wanted);
      } else if (wanted.typeLabel().equals(there.typeLabel())) {
        same(path, wanted, there);
      } else if (deletesExtra) {
        mutations.add(new Mutation.Remove(path));
        write(path, wanted);
      } else {
        obstacles.add(
            path
                + " is a "
                + there.typeLabel()
                + " now and was a "
                + wanted.typeLabel()
                + "; --delete-extra replaces it");
      }
    }

    private void extra(Path path, View there) {
      if (there instanceof View.Absent) {
        return;
      }
      if (deletesExtra) {
        mutations.add(new Mutation.Remove(path));
      } else {
        kept.add(path.toString());
      }
    }

    private void conflict(Path path, View wanted, View there) {
      if (!wanted.toValue().equals(there.toValue())) {
        obstacles.add(
            path
                + " had two types at once ("
                + wanted.typeLabel()
                + "), which no one write brings about");
      }
    }

    /// Both are of one type.
    private void same(Path path, View wanted, View there) {
      switch (wanted) {
        case View.Register register -> {
          if (!readsLike((View.Register) there, register)) {
            write(path, wanted);
          }
        }
        case View.Counter(long total, _) -> {
          long difference = total - ((View.Counter) there).total();
          if (difference != 0) {
            mutations.add(new Mutation.Increment(path, difference));
          }
        }
        case View.Elements elements -> elements(path, elements, ((View.Elements) there).elements());
        case View.Fields(var fields) -> {
          var now = ((View.Fields) there).fields();
          var names = new TreeSet<>(fields.keySet());
          names.addAll(now.keySet());
          for (var name : names) {
            between(
                path.field(name),
                fields.getOrDefault(name, new View.Absent()),
                now.getOrDefault(name, new View.Absent()));
          }
        }
        case View.Flag _, View.Absent(), View.Conflict _ -> {}
      }
    }

    private static boolean readsLike(View.Register there, View.Register wanted) {
      if (there.rule() != wanted.rule()) {
        return false;
      }
      boolean isAlike = there.toValue().equals(wanted.toValue());
      // Several values at once cannot be written; one that was written for them stands for all.
      boolean isStandIn = there.values().size() == 1 && read(there).equals(read(wanted));
      return isAlike || (wanted.rule() == ReadRule.ALL && isStandIn);
    }

    private static Value read(View.Register register) {
      return register.read().getValue().value();
    }

    private void elements(Path path, View.Elements wanted, List<Value> there) {
      var before = new java.util.HashSet<>(there);
      for (var element : wanted.elements()) {
        if (!before.remove(element)) {
          mutations.add(new Mutation.AddElement(path, element, wanted.bias()));
        }
      }
      var extra = there.stream().filter(before::contains).toList();
      if (deletesExtra) {
        extra.forEach(
            element -> mutations.add(new Mutation.RemoveElement(path, element, wanted.bias())));
      } else if (!extra.isEmpty()) {
        kept.add(extra.size() + (extra.size() == 1 ? " element of " : " elements of ") + path);
      }
    }

    /// Writes what is not there.
    private void write(Path path, View wanted) {
      switch (wanted) {
        case View.Register register -> {
          if (register.rule() == ReadRule.MAX || register.rule() == ReadRule.MIN) {
            // What is there now may be greater, and would stand.
            mutations.add(new Mutation.Remove(path));
          }
          mutations.add(new Mutation.Set(path, read(register), register.rule()));
        }
        case View.Counter(long total, _) -> mutations.add(new Mutation.Increment(path, total));
        case View.Flag(var bias) -> mutations.add(new Mutation.SetFlag(path, true, bias));
        case View.Elements(var bias, var elements, _) ->
            elements.forEach(
                element -> mutations.add(new Mutation.AddElement(path, element, bias)));
        case View.Fields(var fields) -> {
          mutations.add(new Mutation.Merge(path, new Value.Struct(new TreeMap<>()), false));
          fields.forEach((name, field) -> between(path.field(name), field, new View.Absent()));
        }
        case View.Conflict _ -> conflict(path, wanted, new View.Absent());
        case View.Absent() -> {}
      }
    }
  }
}
