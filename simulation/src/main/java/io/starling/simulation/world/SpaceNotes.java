package io.starling.simulation.world;

import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.replica.message.Token;
import io.starling.replica.read.SpaceReader;
import io.starling.replica.request.Mutation;
import java.util.List;

/// What a node's `_system` says of a name of a space, in the terms of ADR 20: which of all that
/// ever had the name is the present one, and whether that was created.
///
/// @param generation the present one: the one after the highest that was dropped
/// @param seen what this was read from; a statement made of it replaces nothing else
public record SpaceNotes(String name, long generation, boolean isCreated, Token seen) {

  /// The names that are given in a run. The last is hosted by some members alone.
  public static final List<String> NAMES = List.of("blue", "green", "some");

  private static final int VALUES_MAX = 16;

  /// What is durable of that at a node.
  public static SpaceNotes read(SpaceReader reader, String name) {
    long generation = 0;
    var dropped = reader.view(dropped(name), VALUES_MAX).toValue();
    for (var one : dropped instanceof Value.Array(var several) ? several : List.of(dropped)) {
      if (one instanceof Value.Int(long number)) {
        generation = Math.max(generation, number + 1);
      }
    }
    boolean isCreated = !(reader.view(created(name, generation), 1) instanceof View.Absent);
    return new SpaceNotes(name, generation, isCreated, reader.token());
  }

  /// States that the space is there.
  public List<Mutation> create() {
    var created = new Value.Text("created");
    return List.of(new Mutation.Set(created(name, generation), created, ReadRule.LATEST));
  }

  /// States that it is there no longer.
  public List<Mutation> drop() {
    return List.of(
        new Mutation.Set(dropped(name), new Value.Int(generation), ReadRule.ALL),
        new Mutation.Remove(created(name, generation)));
  }

  /// Whether a member hosts a generation. All who create a space say the same of that here.
  static boolean isHost(String name, long generation, int member) {
    return !name.equals(NAMES.getLast()) || (member + generation) % 2 == 0;
  }

  private static Path created(String name, long generation) {
    var key = "spaces/" + name;
    return Path.of(generation == 0 ? key : key + "/" + generation);
  }

  private static Path dropped(String name) {
    return Path.of("spaces/" + name + "/dropped");
  }
}
