package io.starling.crdt.value;

/// The rule for text from outside: it must have a UTF-8 form.
final class Texts {

  private Texts() {}

  static void requireUnicode(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        continue;
      }
      boolean paired =
          Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (!paired) {
        throw new IllegalArgumentException("text with a lone surrogate at position " + i);
      }
      i++;
    }
  }
}
