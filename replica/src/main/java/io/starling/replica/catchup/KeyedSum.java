package io.starling.replica.catchup;

import io.starling.crdt.cell.CellDigest;
import io.starling.replica.message.Secret;
import io.starling.replica.port.StatePort;
import java.security.MessageDigest;

/// The sum of all cells of a state under a secret, made by a scan, some at a time.
final class KeyedSum {

  // Cells that are looked at in one go.
  private static final int STEP = 2_000;

  private final Secret secret;
  private final CellWalk walk;
  private final MessageDigest sha256 = CellDigest.sha256();
  private CellDigest sum = CellDigest.ZERO;
  private CellDigest plain = CellDigest.ZERO;

  KeyedSum(Secret secret, StatePort state) {
    this.secret = secret;
    this.walk = new CellWalk(state);
  }

  /// Looks at some more.
  ///
  /// @return whether that was all
  boolean some() {
    walk.some(
        STEP,
        cell -> {
          byte[] content = cell.content();
          sum = sum.plus(secret.digest(sha256, cell.name(), content));
          plain = plain.plus(CellDigest.of(sha256, cell.name(), content));
          return true;
        });
    return walk.isDone();
  }

  CellDigest sum() {
    return sum;
  }

  /// The sum without the secret, as it is kept.
  CellDigest plain() {
    return plain;
  }
}
