package io.starling.simulation.world;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.replica.message.Token;
import io.starling.replica.read.SpaceReader;
import io.starling.replica.request.Mutation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a node's `_system` says of a name of a space, in the terms of ADR 20: which of all that
/// ever had the name is the present one, and whether that was created.
///
/// @param generation the present one: the one after the highest that was dropped
/// @param named who is named to host it; empty if nobody is, and it is where spaces of the name are
/// @param seen what this was read from; a statement made of it replaces nothing else
public record SpaceNotes(
    String name, long generation, boolean isCreated, SortedSet<KeyFingerprint> named, Token seen) {

  /// The names that are given in a run. The last is hosted by some members alone.
  public static final List<String> NAMES = List.of("blue", "green", "some");

  private static final int VALUES_MAX = 16;
  private static final String MEMBERS = "members";

  public SpaceNotes {
    named = Collections.unmodifiableSortedSet(new TreeSet<>(named));
  }

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
    var named =
        isCreated
            ? named(reader.view(settings(name, generation), 0).toValue())
            : new TreeSet<KeyFingerprint>();
    return new SpaceNotes(name, generation, isCreated, named, reader.token());
  }

  private static SortedSet<KeyFingerprint> named(Value settings) {
    var named = new TreeSet<KeyFingerprint>();
    if (settings instanceof Value.Struct(var fields)
        && fields.get(MEMBERS) instanceof Value.Array(var items)) {
      for (var item : items) {
        if (item instanceof Value.Text(var text)) {
          named.add(KeyFingerprint.parse(text));
        }
      }
    }
    return named;
  }

  /// States who is to host it; nobody, if it is to be where spaces of the name are.
  public List<Mutation> move(SortedSet<KeyFingerprint> hosts) {
    var fields = new TreeMap<String, Value>();
    var keys = hosts.stream().<Value>map(key -> new Value.Text(key.toString())).toList();
    fields.put(MEMBERS, hosts.isEmpty() ? new Value.Null() : new Value.Array(keys));
    var patch = new Value.Struct(fields);
    return List.of(new Mutation.Merge(settings(name, generation), patch, true));
  }

  /// States that the space is there, and who is to host it.
  public List<Mutation> create(SortedSet<KeyFingerprint> hosts) {
    var mutations = new ArrayList<>(create());
    if (!hosts.isEmpty()) {
      mutations.addAll(move(hosts));
    }
    return mutations;
  }

  /// States that the space is there.
  public List<Mutation> create() {
    var created = new Value.Text("created");
    return List.of(new Mutation.Set(created(name, generation), created, ReadRule.LATEST));
  }

  /// States that it is there no longer.
  public List<Mutation> drop() {
    var mutations = new ArrayList<Mutation>();
    mutations.add(new Mutation.Set(dropped(name), new Value.Int(generation), ReadRule.ALL));
    mutations.add(new Mutation.Remove(created(name, generation)));
    if (!named.isEmpty()) {
      mutations.add(new Mutation.Remove(settings(name, generation)));
    }
    return mutations;
  }

  /// Whether mutations state that it is there no longer, whoever hosts it.
  boolean isDrop(List<Mutation> mutations) {
    return mutations.contains(
        new Mutation.Set(dropped(name), new Value.Int(generation), ReadRule.ALL));
  }

  /// Whether a member hosts a generation of which nobody is named.
  static boolean isHost(String name, long generation, int member) {
    return !name.equals(NAMES.getLast()) || (member + generation) % 2 == 0;
  }

  private static Path created(String name, long generation) {
    var key = "spaces/" + name;
    return Path.of(generation == 0 ? key : key + "/" + generation);
  }

  private static Path settings(String name, long generation) {
    return Path.of("spaces/" + name + "/" + generation + "/settings");
  }

  private static Path dropped(String name) {
    return Path.of("spaces/" + name + "/dropped");
  }
}
