package io.starling.crdt.value;

/// The rule for text from outside: it must have a UTF-8 form.
public final class Texts {

  private Texts() {}

  /// The length of a text in UTF-8.
  ///
  /// @throws IllegalArgumentException if it has none, for a surrogate stands alone
  public static long utf8Length(String text) {
    long bytes = 0;
    int position = 0;
    while (position < text.length()) {
      int codePoint = text.codePointAt(position);
      if (Character.MIN_SURROGATE <= codePoint && codePoint <= Character.MAX_SURROGATE) {
        throw new IllegalArgumentException("text with a lone surrogate at position " + position);
      }
      bytes += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
      position += Character.charCount(codePoint);
    }
    return bytes;
  }

  /// Compares two texts as their UTF-8 compares, byte by byte: by code points, and not, as strings
  /// do, by the halves of those beyond U+FFFF.
  public static int compareUtf8(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char one = a.charAt(i);
      char other = b.charAt(i);
      if (one != other) {
        int bySize = Boolean.compare(Character.isSurrogate(one), Character.isSurrogate(other));
        return bySize != 0 ? bySize : Character.compare(one, other);
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  static void requireUnicode(String text) {
    var _ = utf8Length(text);
  }
}
