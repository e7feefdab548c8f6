package io.starling.client;

import com.google.protobuf.ByteString;
import java.util.Base64;

/// What was read or written at one moment, as a node gave it: opaque, of one space, good on any
/// node. It goes over to another process as text.
public record ReadToken(ByteString bytes) {

  /// Reads what [#text] wrote.
  public static ReadToken parse(String text) {
    return new ReadToken(ByteString.copyFrom(Base64.getUrlDecoder().decode(text)));
  }

  /// As REST has it in `Starling-Token`.
  public String text() {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
  }

  @Override
  public String toString() {
    return text();
  }
}
