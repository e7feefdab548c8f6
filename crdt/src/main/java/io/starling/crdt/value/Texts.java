package io.starling.crdt.value;

/// The rule for text from outside: it must have a UTF-8 form.
public final class Texts {

  private Texts() {}

  /// The length of a text in UTF-8.
  ///
  /// @throws IllegalArgumentException if it has none, for a surrogate stands alone
  public static long utf8Length(String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
        continue;
      }
      boolean paired =
          Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (!paired) {
        throw new IllegalArgumentException("text with a lone surrogate at position " + i);
      }
      bytes += 4;
      i++;
    }
    return bytes;
  }

  static void requireUnicode(String text) {
    var _ = utf8Length(text);
  }
}
