package io.starling.replica.port;

import java.util.AbstractList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// Changes of a space's state that become durable and visible together, or not at all.
///
/// @param fresh what becomes of the fresh tables, before anything is written
/// @param writes at most one for each key; ordered by table and key
public record Changes(Fresh fresh, List<Write> writes) {

  public Changes {
    writes = writes instanceof Joined ? writes : List.copyOf(writes);
  }

  /// Changes whose writes are those of some lists, one after the other, which nobody changes any
  /// more. They are not copied: a [Run] stays one.
  public static Changes joined(Fresh fresh, List<List<Write>> parts) {
    return new Changes(fresh, new Joined(parts));
  }

  /// The lists that the writes were joined of, in their order.
  public List<List<Write>> parts() {
    return writes instanceof Joined joined ? joined.parts : List.of(writes);
  }

  private static final class Joined extends AbstractList<Write> {
    private final List<List<Write>> parts;
    private final int size;

    private Joined(List<List<Write>> parts) {
      this.parts = List.copyOf(parts);
      this.size = parts.stream().mapToInt(List::size).sum();
    }

    @Override
    public Write get(int index) {
      int at = Objects.checkIndex(index, size);
      for (var part : parts) {
        if (at < part.size()) {
          return part.get(at);
        }
        at -= part.size();
      }
      throw new AssertionError("the parts are as long as the whole");
    }

    @Override
    public int size() {
      return size;
    }
  }

  /// Changes that leave the fresh tables where they are.
  public Changes(List<Write> writes) {
    this(Fresh.KEPT, writes);
  }

  /// What becomes of the fresh tables ([Table#isFresh()]).
  public enum Fresh {
    /// They stay.
    KEPT,
    /// They are empty.
    CLEARED,
    /// They take the place of those that are not fresh, whose content is gone, and are empty. Costs
    /// a store little, however much they hold.
    PROMOTED
  }

  /// One entry, put or taken out.
  ///
  /// @param value empty to take the entry out
  public record Write(Table table, byte[] key, Optional<byte[]> value) {}
}
