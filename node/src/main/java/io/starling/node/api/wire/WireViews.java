package io.starling.node.api.wire;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.cell.Assignment;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.node.json.JsonText;
import io.starling.proto.v1.Candidate;
import io.starling.proto.v1.Counter;
import io.starling.proto.v1.Elements;
import io.starling.proto.v1.EmptyMap;
import io.starling.proto.v1.Flag;
import io.starling.proto.v1.Form;
import io.starling.proto.v1.Leaf;
import io.starling.proto.v1.Reading;
import io.starling.proto.v1.Register;
import io.starling.proto.v1.TooLarge;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// What a reader sees: nested in the engine, a flat list of leaves in messages.
public final class WireViews {

  /// Stands for a view with more parts than fit one answer.
  public static final Reading TOO_LARGE =
      Reading.newBuilder().setTooLarge(TooLarge.getDefaultInstance()).build();

  private WireViews() {}

  /// A view in the form that was asked for.
  public static Reading reading(View view, Form form) {
    var reading = Reading.newBuilder().setAbsent(view instanceof View.Absent);
    return switch (form) {
      case FORM_UNSPECIFIED, FORM_VIEW, UNRECOGNIZED -> reading.setView(write(view)).build();
      case FORM_JSON -> reading.setJson(JsonText.write(view.toValue())).build();
    };
  }

  /// The message of a view.
  public static io.starling.proto.v1.View write(View view) {
    var message = io.starling.proto.v1.View.newBuilder();
    write(view, List.of(), message);
    return message.build();
  }

  private static void write(
      View view, List<String> fields, io.starling.proto.v1.View.Builder message) {
    switch (view) {
      case View.Absent() -> {}
      case View.Register(var values) ->
          message.addLeaves(leaf(fields).setRegister(register(values)));
      case View.Counter(long total, var shares) ->
          message.addLeaves(
              leaf(fields)
                  .setCounter(
                      Counter.newBuilder()
                          .setTotal(total)
                          .addAllShares(WireMutations.shares(shares))));
      case View.Flag(var bias) ->
          message.addLeaves(
              leaf(fields).setFlag(Flag.newBuilder().setBias(WireValues.write(bias))));
      case View.Elements(var bias, var elements, boolean more) -> {
        var set = Elements.newBuilder().setMore(more).setBias(WireValues.write(bias));
        elements.forEach(element -> set.addElements(WireValues.write(element)));
        message.addLeaves(leaf(fields).setElements(set));
      }
      case View.Fields(var below) -> {
        if (below.isEmpty()) {
          message.addLeaves(leaf(fields).setMap(EmptyMap.getDefaultInstance()));
        }
        below.forEach((name, field) -> write(field, append(fields, name), message));
      }
      case View.Conflict(var views) -> views.values().forEach(one -> write(one, fields, message));
    }
  }

  private static Leaf.Builder leaf(List<String> fields) {
    return Leaf.newBuilder().addAllFields(fields);
  }

  private static List<String> append(List<String> fields, String name) {
    var longer = new ArrayList<>(fields);
    longer.add(name);
    return longer;
  }

  private static Register register(java.util.SortedMap<Dot, Assignment> values) {
    var register = Register.newBuilder();
    values.forEach((dot, assignment) ->
        register.addCandidates(
            Candidate.newBuilder()
                .setValue(WireValues.write(assignment.value()))
                .setDot(WireValues.write(dot))
                .setStamp(assignment.time().bits())
                .setRule(WireValues.write(assignment.rule()))));
    return register.build();
  }

  /// The view of a message.
  ///
  /// @param path that was read
  public static View read(Path path, io.starling.proto.v1.View message) throws MalformedException {
    var root = new Place(path);
    for (var leaf : message.getLeavesList()) {
      var place = root;
      for (var name : leaf.getFieldsList()) {
        place = place.below(name);
      }
      place.add(leaf);
    }
    return root.view();
  }

  /// What the leaves say of one place: views by type, and the places below.
  private static final class Place {

    private final Path path;
    private final TreeMap<CellKind, View> views = new TreeMap<>();
    private final TreeMap<String, Place> below = new TreeMap<>();

    Place(Path path) {
      this.path = path;
    }

    Place below(String name) throws MalformedException {
      var place = below.get(name);
      if (place == null) {
        place = new Place(field(name));
        below.put(name, place);
      }
      return place;
    }

    private Path field(String name) throws MalformedException {
      try {
        return path.field(name);
      } catch (IllegalArgumentException refused) {
        throw new MalformedException(String.valueOf(refused.getMessage()), refused);
      }
    }

    void add(Leaf leaf) throws MalformedException {
      switch (leaf.getTypeCase()) {
        case REGISTER -> views.put(CellKind.REGISTER, register(leaf.getRegister()));
        case COUNTER -> {
          var counter = leaf.getCounter();
          var shares = WireMutations.tallies(path, counter.getSharesList());
          views.put(CellKind.COUNTER, new View.Counter(counter.getTotal(), shares));
        }
        case FLAG -> {
          var bias = WireValues.read(leaf.getFlag().getBias());
          views.put(bias.flag(), new View.Flag(bias));
        }
        case ELEMENTS -> {
          var set = elements(leaf.getElements());
          views.put(set.bias().set(), set);
        }
        case MAP -> views.put(CellKind.MAP, new View.Fields(new TreeMap<>()));
        case TYPE_NOT_SET ->
            throw new MalformedException("a leaf of a type that this client does not know");
      }
    }

    View view() {
      if (!below.isEmpty()) {
        var fields = new TreeMap<String, View>();
        below.forEach((name, place) -> fields.put(name, place.view()));
        views.put(CellKind.MAP, new View.Fields(fields));
      }
      return switch (views.size()) {
        case 0 -> new View.Absent();
        case 1 -> views.firstEntry().getValue();
        default -> new View.Conflict(views);
      };
    }
  }

  private static View register(Register message) throws MalformedException {
    if (message.getCandidatesCount() == 0) {
      throw new MalformedException("a register without a value");
    }
    var values = new TreeMap<Dot, Assignment>();
    for (var candidate : message.getCandidatesList()) {
      values.put(
          WireValues.read(candidate.getDot()),
          new Assignment(
              WireValues.read(candidate.getValue()),
              new HybridTime(candidate.getStamp()),
              WireValues.read(candidate.getRule())));
    }
    return new View.Register(values);
  }

  private static View.Elements elements(Elements message) throws MalformedException {
    var elements = new ArrayList<Value>(message.getElementsCount());
    for (var element : message.getElementsList()) {
      elements.add(WireValues.read(element));
    }
    return new View.Elements(WireValues.read(message.getBias()), elements, message.getMore());
  }
}
