package io.starling.node.api.wire;

import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.Tally;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.op.OperationEncoding;
import io.starling.crdt.value.Value;
import io.starling.node.json.JsonText;
import io.starling.proto.v1.AddElements;
import io.starling.proto.v1.CounterShare;
import io.starling.proto.v1.Increment;
import io.starling.proto.v1.MergeDocument;
import io.starling.proto.v1.RemoveElements;
import io.starling.proto.v1.ResetCounter;
import io.starling.proto.v1.SetFlag;
import io.starling.proto.v1.SetRegister;
import io.starling.proto.v1.Transaction;
import io.starling.replica.request.Mutation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What a client asks to change.
public final class WireMutations {

  private static final String KINDS =
      "set, increment, flag, add, removeElements, merge, remove or reset";

  private WireMutations() {}

  /// The mutations of a transaction, in order.
  ///
  /// @throws MalformedException with a message that says which mutation is wrong, and how
  public static List<Mutation> read(Transaction transaction) throws MalformedException {
    if (transaction.getMutationsCount() == 0) {
      throw new MalformedException("a transaction without a mutation; give at least one");
    }
    var mutations = new ArrayList<Mutation>(transaction.getMutationsCount());
    for (int i = 0; i < transaction.getMutationsCount(); i++) {
      try {
        read(transaction.getMutations(i), mutations);
      } catch (MalformedException refused) {
        var which = transaction.getMutationsCount() == 1 ? "" : "mutation " + (i + 1) + ": ";
        throw new MalformedException(which + refused.getMessage(), refused);
      }
    }
    return mutations;
  }

  /// The message of a mutation.
  public static io.starling.proto.v1.Mutation write(Mutation mutation) {
    var message =
        io.starling.proto.v1.Mutation.newBuilder().setPath(WireValues.write(mutation.path()));
    switch (mutation) {
      case Mutation.Set(_, var value, var rule) ->
          message.setSet(
              SetRegister.newBuilder()
                  .setValue(WireValues.write(value))
                  .setRule(WireValues.write(rule)));
      case Mutation.Increment(_, long amount) ->
          message.setIncrement(Increment.newBuilder().setAmount(amount));
      case Mutation.SetFlag(_, boolean enabled, var bias) ->
          message.setFlag(SetFlag.newBuilder().setEnabled(enabled).setBias(WireValues.write(bias)));
      case Mutation.AddElement(_, var element, var bias) ->
          message.setAdd(
              AddElements.newBuilder()
                  .addElements(WireValues.write(element))
                  .setBias(WireValues.write(bias)));
      case Mutation.RemoveElement(_, var element, var bias) ->
          message.setRemoveElements(
              RemoveElements.newBuilder()
                  .addElements(WireValues.write(element))
                  .setBias(WireValues.write(bias)));
      case Mutation.Merge(_, var patch, boolean nullRemoves) ->
          message.setMerge(
              MergeDocument.newBuilder()
                  .setJson(JsonText.write(patch))
                  .setNullRemoves(nullRemoves));
      case Mutation.Remove _ -> message.setRemove(io.starling.proto.v1.Remove.getDefaultInstance());
      case Mutation.Reset(_, var seen) ->
          message.setReset(ResetCounter.newBuilder().addAllSeen(shares(seen.orElse(List.of()))));
    }
    return message.build();
  }

  static List<CounterShare> shares(List<NamedTally> tallies) {
    var shares = new ArrayList<CounterShare>(tallies.size());
    for (var tally : tallies) {
      var dot =
          io.starling.proto.v1.Dot.newBuilder()
              .setReplica(tally.share().origin().toString())
              .setSeq(tally.seen().seq())
              .setIndex(tally.seen().index());
      shares.add(CounterShare.newBuilder().setDot(dot).setTotal(tally.seen().total()).build());
    }
    return shares;
  }

  static List<NamedTally> tallies(Path path, List<CounterShare> shares) throws MalformedException {
    if (shares.size() > OperationEncoding.TALLIES_MAX) {
      throw new MalformedException("more shares than a counter can have");
    }
    var tallies = new ArrayList<NamedTally>(shares.size());
    for (var share : shares) {
      var dot = WireValues.read(share.getDot());
      tallies.add(
          new NamedTally(
              new CellId.Share(path, dot.replica()),
              new Tally(dot.seq(), dot.index(), share.getTotal())));
    }
    tallies.sort(Comparator.comparing(NamedTally::share));
    return tallies;
  }

  private static void read(io.starling.proto.v1.Mutation message, List<Mutation> out)
      throws MalformedException {
    var path = WireValues.read(message.getPath());
    switch (message.getChangeCase()) {
      case SET -> {
        var set = message.getSet();
        out.add(
            new Mutation.Set(
                path, WireValues.read(set.getValue()), WireValues.read(set.getRule())));
      }
      case INCREMENT -> out.add(new Mutation.Increment(path, message.getIncrement().getAmount()));
      case FLAG -> {
        var flag = message.getFlag();
        out.add(new Mutation.SetFlag(path, flag.getEnabled(), WireValues.read(flag.getBias())));
      }
      case ADD -> {
        var bias = WireValues.read(message.getAdd().getBias());
        for (var element : elements(message.getAdd().getElementsList())) {
          out.add(new Mutation.AddElement(path, element, bias));
        }
      }
      case REMOVE_ELEMENTS -> {
        var bias = WireValues.read(message.getRemoveElements().getBias());
        for (var element : elements(message.getRemoveElements().getElementsList())) {
          out.add(new Mutation.RemoveElement(path, element, bias));
        }
      }
      case MERGE -> out.add(merge(path, message.getMerge()));
      case REMOVE -> out.add(new Mutation.Remove(path));
      case RESET -> {
        var seen = tallies(path, message.getReset().getSeenList());
        out.add(new Mutation.Reset(path, seen.isEmpty() ? Optional.empty() : Optional.of(seen)));
      }
      case CHANGE_NOT_SET ->
          throw new MalformedException("a mutation without a change; set one of " + KINDS);
    }
  }

  private static List<Value> elements(List<io.starling.proto.v1.Value> messages)
      throws MalformedException {
    if (messages.isEmpty()) {
      throw new MalformedException("no element is named; give at least one");
    }
    var elements = new ArrayList<Value>(messages.size());
    for (var message : messages) {
      elements.add(WireValues.read(message));
    }
    return elements;
  }

  private static Mutation merge(Path path, MergeDocument message) throws MalformedException {
    if (!(JsonText.parse(message.getJson()) instanceof Value.Struct document)) {
      throw new MalformedException("only an object can be merged; set other values");
    }
    return new Mutation.Merge(path, document, message.getNullRemoves());
  }
}
