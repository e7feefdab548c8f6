package io.starling.node.identity;

import org.bouncycastle.crypto.generators.SCrypt;

/// Keys that are made of what a person or a secret store knows, at a cost to whoever guesses.
public final class PassphraseKey {

  private static final int COST_MAX = 1 << 20;
  private static final int BLOCK_MAX = 32;
  private static final int PARALLEL_MAX = 16;

  private PassphraseKey() {}

  /// A key of 32 bytes by scrypt (RFC 7914). Takes `128 * cost * block` bytes of memory.
  ///
  /// @throws IllegalArgumentException if the numbers are out of range: they come with what is to be
  ///   opened, and whoever wrote that could ask for all memory there is
  public static byte[] scrypt(byte[] passphrase, byte[] salt, int cost, int block, int parallel) {
    if (Integer.bitCount(cost) != 1
        || cost < 2
        || cost > COST_MAX
        || block < 1
        || block > BLOCK_MAX
        || parallel < 1
        || parallel > PARALLEL_MAX) {
      throw new IllegalArgumentException(
          "scrypt with cost " + cost + ", block " + block + ", parallel " + parallel);
    }
    return SCrypt.generate(passphrase, salt, cost, block, parallel, 32);
  }
}
