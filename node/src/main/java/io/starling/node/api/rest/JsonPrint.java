package io.starling.node.api.rest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.starling.replica.read.TooLargeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/// Bodies of JSON, bounded.
public final class JsonPrint {

  /// Most bytes of a body. A larger one is not sent; its parts are.
  static final int BODY_BYTES_MAX = 8 * 1024 * 1024;

  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8).build();

  private JsonPrint() {}

  /// Something that prints itself as one JSON value.
  @FunctionalInterface
  public interface Printer {
    void print(JsonGenerator out) throws IOException;
  }

  /// The bytes that a printer writes.
  ///
  /// @throws TooLargeException if they are more than [#BODY_BYTES_MAX]
  static byte[] bytes(Printer printer) {
    var bytes = new Bounded();
    try (var out = FACTORY.createGenerator(bytes)) {
      printer.print(out);
    } catch (IOException unexpected) {
      throw new UncheckedIOException("a buffer in memory cannot be written to", unexpected);
    }
    return bytes.toByteArray();
  }

  private static final class Bounded extends ByteArrayOutputStream {

    Bounded() {
      super(512);
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      if (size() + length > BODY_BYTES_MAX) {
        throw new TooLargeException(
            "the answer would have more than " + BODY_BYTES_MAX + " bytes; ask for less of it");
      }
      super.write(bytes, from, length);
    }
  }
}
