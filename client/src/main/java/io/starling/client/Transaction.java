package io.starling.client;

import io.starling.proto.v1.AddElements;
import io.starling.proto.v1.Bias;
import io.starling.proto.v1.Counter;
import io.starling.proto.v1.Increment;
import io.starling.proto.v1.MergeDocument;
import io.starling.proto.v1.Mutation;
import io.starling.proto.v1.ReadRule;
import io.starling.proto.v1.Remove;
import io.starling.proto.v1.RemoveElements;
import io.starling.proto.v1.ResetCounter;
import io.starling.proto.v1.SetFlag;
import io.starling.proto.v1.SetRegister;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/// Changes that become visible together or not at all, on every node.
///
/// Has a name, its idempotency key: to send the same transaction again does not make it twice on a
/// node that knows of it.
public final class Transaction {

  /// Bytes, at most: what a node takes in one message, less what goes around it.
  public static final int BYTES_MAX = 960 << 10;

  private final io.starling.proto.v1.Transaction message;
  private final boolean mayRepeat;

  private Transaction(io.starling.proto.v1.Transaction message, boolean mayRepeat) {
    this.message = message;
    this.mayRepeat = mayRepeat;
  }

  /// Begins one that answers to whatever the node has by then. To edit what a read has shown, begin
  /// with [Reading#edit].
  public static Builder begin() {
    return new Builder();
  }

  /// The idempotency key.
  public String key() {
    return message.getIdempotencyKey();
  }

  io.starling.proto.v1.Transaction message() {
    return message;
  }

  /// Whether two nodes may both make it.
  boolean mayRepeat() {
    return mayRepeat;
  }

  /// Gathers changes; a later one sees what an earlier one did. For one thread.
  public static final class Builder {

    private final io.starling.proto.v1.Transaction.Builder message =
        io.starling.proto.v1.Transaction.newBuilder();
    private boolean isHarmless = true;
    private Retry retry = Retry.SAFE;

    private Builder() {}

    Builder context(ReadToken token) {
      message.setContext(token.bytes());
      return this;
    }

    /// Gives a register a value; of concurrent ones the latest is read, the others are kept.
    public Builder set(Place place, Value value) {
      return set(place, value, ReadRule.READ_RULE_LATEST);
    }

    /// Gives a register a value; concurrent ones are all read, as an array.
    public Builder setKeepingAll(Place place, Value value) {
      isHarmless = false;
      return set(place, value, ReadRule.READ_RULE_ALL);
    }

    /// Gives a register a value that keeps its greatest: a number or text that is not greater than
    /// what is read changes nothing, and of concurrent ones the greatest is read.
    public Builder setGreatest(Place place, Value value) {
      return set(place, value, ReadRule.READ_RULE_MAX);
    }

    /// Gives a register a value that keeps its least, likewise.
    public Builder setLeast(Place place, Value value) {
      return set(place, value, ReadRule.READ_RULE_MIN);
    }

    private Builder set(Place place, Value value, ReadRule rule) {
      var set = SetRegister.newBuilder().setValue(value.message()).setRule(rule);
      return add(place, it -> it.setSet(set));
    }

    /// Counts up, or down.
    public Builder increment(Place place, long amount) {
      isHarmless = false;
      return add(place, it -> it.setIncrement(Increment.newBuilder().setAmount(amount)));
    }

    /// Takes a counter back to zero, as far as the node knows of it.
    public Builder reset(Place place) {
      isHarmless = false;
      return add(place, it -> it.setReset(ResetCounter.getDefaultInstance()));
    }

    /// Takes off a counter exactly what [Session#view] has shown.
    public Builder reset(Place place, Counter seen) {
      isHarmless = false;
      var reset = ResetCounter.newBuilder().addAllSeen(seen.getSharesList());
      return add(place, it -> it.setReset(reset));
    }

    /// Enables or disables a flag; a concurrent enabling survives a disabling.
    public Builder flag(Place place, boolean isEnabled) {
      return add(place, it -> it.setFlag(SetFlag.newBuilder().setEnabled(isEnabled)));
    }

    /// Adds elements to a set; an addition survives a concurrent removal.
    public Builder add(Place place, Value... elements) {
      var add = AddElements.newBuilder();
      List.of(elements).forEach(it -> add.addElements(it.message()));
      return add(place, it -> it.setAdd(add));
    }

    /// Enables or disables a flag where a disabling survives a concurrent enabling. The type is not
    /// that of [#flag]: a flag is always changed by the same of the two.
    public Builder flagWhereDisablingWins(Place place, boolean isEnabled) {
      var flag = SetFlag.newBuilder().setEnabled(isEnabled).setBias(Bias.BIAS_REMOVE);
      return add(place, it -> it.setFlag(flag));
    }

    /// Adds elements to a set where a removal survives a concurrent addition. The type is not that
    /// of [#add]: a set is always changed by the same two of the four.
    public Builder addWhereRemovingWins(Place place, Value... elements) {
      var add = AddElements.newBuilder().setBias(Bias.BIAS_REMOVE);
      List.of(elements).forEach(it -> add.addElements(it.message()));
      return add(place, it -> it.setAdd(add));
    }

    /// Removes elements from such a set, also those that the node does not see: they may be added
    /// elsewhere meanwhile.
    public Builder removeWhereRemovingWins(Place place, Value... elements) {
      var remove = RemoveElements.newBuilder().setBias(Bias.BIAS_REMOVE);
      List.of(elements).forEach(it -> remove.addElements(it.message()));
      return add(place, it -> it.setRemoveElements(remove));
    }

    /// Removes elements from a set.
    public Builder removeElements(Place place, Value... elements) {
      var remove = RemoveElements.newBuilder();
      List.of(elements).forEach(it -> remove.addElements(it.message()));
      return add(place, it -> it.setRemoveElements(remove));
    }

    /// Merges a JSON object into the document, field by field; a null is a value.
    public Builder merge(Place place, String json) {
      return add(place, it -> it.setMerge(MergeDocument.newBuilder().setJson(json)));
    }

    /// Merges a JSON object into the document; a null takes its field away (RFC 7396).
    public Builder mergePatch(Place place, String json) {
      var merge = MergeDocument.newBuilder().setJson(json).setNullRemoves(true);
      return add(place, it -> it.setMerge(merge));
    }

    /// Removes what is at a place and below; a concurrent change survives.
    public Builder remove(Place place) {
      return add(place, it -> it.setRemove(Remove.getDefaultInstance()));
    }

    private Builder add(Place place, Consumer<Mutation.Builder> change) {
      var mutation = Mutation.newBuilder().setPath(place.message());
      change.accept(mutation);
      message.addMutations(mutation);
      return this;
    }

    /// Has it refused with `ABORTED` if a key that it names has changed, on the node that takes it,
    /// since the token. What others write elsewhere at the same time merges, as ever.
    public Builder ifUnchangedSince(ReadToken token) {
      message.setUnchangedSince(token.bytes());
      return this;
    }

    /// Names it: 1 to 64 characters, new for each transaction. Unless named it gets a random name.
    public Builder key(String key) {
      message.setIdempotencyKey(key);
      return this;
    }

    public Builder retry(Retry policy) {
      retry = policy;
      return this;
    }

    /// @throws IllegalArgumentException if it is larger than [#BYTES_MAX]
    public Transaction build() {
      if (message.getIdempotencyKey().isEmpty()) {
        message.setIdempotencyKey(UUID.randomUUID().toString());
      }
      var built = message.build();
      if (built.getSerializedSize() > BYTES_MAX) {
        throw new IllegalArgumentException(
            "a transaction of "
                + built.getSerializedSize()
                + " bytes; split it, at most "
                + BYTES_MAX
                + " are taken");
      }
      return new Transaction(built, isHarmless || retry == Retry.ANYWHERE);
    }
  }
}
