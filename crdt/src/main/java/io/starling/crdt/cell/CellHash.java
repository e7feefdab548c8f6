package io.starling.crdt.cell;

import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;

/// Digests of one cell after the other: for whoever looks at all cells of a space, and would leave
/// several times as much to be collected as there is in it.
///
/// Not thread-safe.
public final class CellHash {

  private static final int SECRET_BYTES = 2 * Long.BYTES;

  private final long high;
  private final long low;
  private final MessageDigest sha256 = CellDigest.sha256();
  private final byte[] hash = new byte[sha256.getDigestLength()];
  private final ByteBuffer halves = ByteBuffer.wrap(hash);
  private final Encoder room = new Encoder(256);

  /// @param high the first half of a secret, for digests under one
  /// @param low the other half
  public CellHash(long high, long low) {
    this.high = high;
    this.low = low;
  }

  /// Looks at a cell.
  ///
  /// @param name its canonical bytes
  /// @param content its canonical bytes
  public void look(byte[] name, byte[] content) {
    begin(name).raw(content);
  }

  /// Looks at a cell whose content is in the form of a store.
  ///
  /// @param name its canonical bytes
  /// @param replicas how replicas are written in the content
  /// @throws MalformedException if the content is not made of dots
  public void look(byte[] name, CellKind kind, byte[] content, ReplicaForm replicas)
      throws MalformedException {
    CellEncoding.transcode(kind, content, replicas, ReplicaForm.FULL, begin(name));
  }

  private Encoder begin(byte[] name) {
    return room.clear().u64(high).u64(low).bytes(name);
  }

  /// The digest of the cell that was looked at, as [CellDigest#of(byte[], byte[])].
  public CellDigest plain() {
    return digest(SECRET_BYTES);
  }

  /// The digest of the same with the secret before it.
  public CellDigest keyed() {
    return digest(0);
  }

  private CellDigest digest(int from) {
    room.update(sha256, from);
    finish();
    return new CellDigest(halves.getLong(0), halves.getLong(Long.BYTES));
  }

  /// Where a cell falls in sums, as [CellDigest#slot].
  public int slot(byte[] name) {
    sha256.update(name);
    finish();
    return halves.getInt(0) >>> Byte.SIZE;
  }

  private void finish() {
    try {
      sha256.digest(hash, 0, hash.length);
    } catch (DigestException impossible) {
      throw new AssertionError("there is room for a hash", impossible);
    }
  }
}
