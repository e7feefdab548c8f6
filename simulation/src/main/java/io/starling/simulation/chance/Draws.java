package io.starling.simulation.chance;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/// A stream of pseudo-random draws that its seed decides, the same on every machine.
///
/// Split by purpose: a part of the world that draws once more shifts nobody else's draws, so a seed
/// that failed still means much the same run after a small change. Not thread-safe.
///
/// Reference: Blackman, Vigna, Scrambled Linear Pseudorandom Number Generators (2018):
/// xoshiro256**, seeded by SplitMix64 as its authors advise.
public final class Draws {

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final long seed;
  private long s0;
  private long s1;
  private long s2;
  private long s3;

  private Draws(long seed) {
    this.seed = seed;
    long state = seed + GOLDEN;
    s0 = mixed(state);
    state += GOLDEN;
    s1 = mixed(state);
    state += GOLDEN;
    s2 = mixed(state);
    state += GOLDEN;
    s3 = mixed(state);
  }

  /// The stream of a seed.
  public static Draws ofSeed(long seed) {
    return new Draws(seed);
  }

  /// The stream of a purpose. Follows from this stream's seed and the purpose, not from what was
  /// drawn before.
  public Draws split(String purpose) {
    long hash = mixed(seed);
    for (byte next : purpose.getBytes(StandardCharsets.UTF_8)) {
      hash = mixed(hash ^ next) + GOLDEN;
    }
    return new Draws(hash);
  }

  /// 64 random bits.
  public long bits() {
    long result = Long.rotateLeft(s1 * 5, 7) * 9;
    long shifted = s1 << 17;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = Long.rotateLeft(s3, 45);
    return result;
  }

  /// A number from 0 to `bound - 1`. The bias, below bound / 2⁶³, does not matter here.
  public int below(int bound) {
    return (int) ((bits() >>> 1) % bound);
  }

  /// A number from `from` to `to`, both included.
  public int between(int from, int to) {
    return from + below(to - from + 1);
  }

  /// True with a probability in thousandths. Draws in any case, so that a rate of 0 shifts nothing.
  public boolean perMille(int rate) {
    return below(1_000) < rate;
  }

  /// One of several.
  public <T> T pick(List<T> choices) {
    return choices.get(below(choices.size()));
  }

  /// Random bytes.
  public byte[] bytes(int count) {
    var bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) (bits() >>> 56);
    }
    return bytes;
  }

  /// A wait with an exponential distribution, at most ten times its mean, in nanoseconds.
  ///
  /// By StrictMath: the logarithm of [Math] may differ in its last bit from one machine to the
  /// next.
  public long wait(Duration mean) {
    double unit = ((bits() >>> 11) + 1) * 0x1.0p-53;
    double nanos = -StrictMath.log(unit) * mean.toNanos();
    return (long) Math.min(nanos, 10.0 * mean.toNanos());
  }

  /// A wait between two bounds, in nanoseconds.
  public long wait(Duration from, Duration to) {
    long range = to.toNanos() - from.toNanos();
    return from.toNanos() + (range <= 0 ? 0 : (bits() >>> 1) % (range + 1));
  }

  private static long mixed(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
