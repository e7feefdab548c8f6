package io.starling.fuzz;

import java.util.Arrays;
import java.util.List;

/// What Jazzer calls: the first byte says who reads the others.
///
/// With the property `starling.fuzz.reader` in the part that a name has in common with it, only
/// those readers do.
public final class Fuzzer {

  private static final List<Reader> READERS = Readers.all();
  private static final String ONLY = System.getProperty("starling.fuzz.reader", "");

  private Fuzzer() {}

  /// Called by Jazzer for each input, by one thread.
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0 || (input[0] & 0xFF) >= READERS.size()) {
      return;
    }
    var reader = READERS.get(input[0] & 0xFF);
    if (reader.name().contains(ONLY)) {
      reader.take(Arrays.copyOfRange(input, 1, input.length));
    }
  }
}
