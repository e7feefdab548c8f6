package io.starling.replica.port;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.RandomAccess;

/// Entries of one table that were put in order of their keys, kept as bytes. As writes of their own
/// a hundred thousand of them would take several times the room, and each time that memory is
/// collected as many objects would have to be moved.
///
/// A write is made when it is asked for. It grows by [#append]; whoever is given one only reads. Up
/// to 2 GiB. Not thread-safe while it grows.
public final class Run extends AbstractList<Changes.Write> implements RandomAccess {

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());

  private static final int CHUNK_BITS = 16;
  private static final int CHUNK_BYTES = 1 << CHUNK_BITS;

  // Of an entry: the length of the key, that of the value, both.
  private static final int LENGTHS_BYTES = 2 * Integer.BYTES;

  private final Table table;
  private final List<byte[]> chunks = new ArrayList<>();
  // Where each entry begins: the chunk in the upper half, where in it in the lower.
  private int[] places = new int[64];
  private int size;
  private int used = CHUNK_BYTES;
  private byte[] last = new byte[0];

  public Run(Table table) {
    this.table = table;
  }

  /// The table that all entries are of.
  public Table table() {
    return table;
  }

  /// Whether an entry of this key may follow.
  public boolean isNext(byte[] key) {
    return size == 0 || Arrays.compareUnsigned(last, key) < 0;
  }

  /// Puts an entry.
  ///
  /// @throws IllegalArgumentException if its key is not beyond the last
  public void append(byte[] key, byte[] value) {
    if (!isNext(key)) {
      throw new IllegalArgumentException("a key out of order");
    }
    int bytes = LENGTHS_BYTES + key.length + value.length;
    if (used + bytes > CHUNK_BYTES) {
      // One that is larger has a chunk of its own.
      chunks.add(new byte[Math.max(CHUNK_BYTES, bytes)]);
      used = 0;
    }
    byte[] chunk = chunks.getLast();
    INT.set(chunk, used, key.length);
    INT.set(chunk, used + Integer.BYTES, value.length);
    System.arraycopy(key, 0, chunk, used + LENGTHS_BYTES, key.length);
    System.arraycopy(value, 0, chunk, used + LENGTHS_BYTES + key.length, value.length);
    if (size == places.length) {
      places = Arrays.copyOf(places, 2 * size);
    }
    places[size] = chunks.size() - 1 << CHUNK_BITS | used;
    size++;
    used = Math.min(CHUNK_BYTES, used + bytes);
    last = key;
  }

  /// A walk over all entries as they lie in memory, from before the first on.
  public Cursor cursor() {
    return new Cursor();
  }

  /// Where an entry is: nothing is copied.
  public final class Cursor {

    private int index = -1;
    private byte[] chunk = new byte[0];
    private int key;
    private int value;
    private int end;

    /// Goes to the next entry.
    ///
    /// @return whether there is one
    public boolean next() {
      index++;
      if (index >= size) {
        return false;
      }
      chunk = chunks.get(places[index] >>> CHUNK_BITS);
      key = (places[index] & CHUNK_BYTES - 1) + LENGTHS_BYTES;
      value = key + (int) INT.get(chunk, key - LENGTHS_BYTES);
      end = value + (int) INT.get(chunk, key - Integer.BYTES);
      return true;
    }

    /// What the entry is in. It is only to be read.
    public byte[] bytes() {
      return chunk;
    }

    /// Where its key begins.
    public int key() {
      return key;
    }

    /// Where its key ends and its value begins.
    public int value() {
      return value;
    }

    /// Where its value ends.
    public int end() {
      return end;
    }
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public Changes.Write get(int index) {
    var at = new Cursor();
    at.index = Objects.checkIndex(index, size) - 1;
    at.next();
    return new Changes.Write(
        table,
        Arrays.copyOfRange(at.chunk, at.key, at.value),
        Optional.of(Arrays.copyOfRange(at.chunk, at.value, at.end)));
  }
}
