package io.starling.node.cli;

import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.value.Value;
import io.starling.node.api.wire.WireValues;
import io.starling.node.json.JsonText;
import io.starling.proto.v1.MergeDocument;
import io.starling.proto.v1.Mutation;
import io.starling.proto.v1.Transaction;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// What a line of an import file is.
sealed interface ImportLine {

  /// A document to merge, as the transaction that does it.
  record Document(Transaction transaction) implements ImportLine {}

  /// Nothing.
  record Blank() implements ImportLine {}

  /// Something that cannot be imported.
  record Bad(String reason) implements ImportLine {}

  /// Reads a line.
  ///
  /// @param field whose value is the key: text verbatim, a whole number by its digits
  static ImportLine of(NdjsonFile.Line line, String field) {
    if (line.isTooLong()) {
      return new Bad("longer than " + NdjsonFile.LINE_BYTES_MAX + " bytes");
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line.bytes())).toString();
    } catch (CharacterCodingException foreign) {
      return new Bad("not UTF-8");
    }
    if (text.isBlank()) {
      return new Blank();
    }
    try {
      if (!(JsonText.parse(text) instanceof Value.Struct document)) {
        return new Bad("not a JSON object");
      }
      var key = key(document, field);
      return key.isPresent()
          ? new Document(merge(Path.of(key.get()), text))
          : new Bad("no field '" + field + "' with text or a whole number, for the key");
    } catch (MalformedException | IllegalArgumentException refused) {
      return new Bad(String.valueOf(refused.getMessage()));
    }
  }

  private static Optional<String> key(Value.Struct document, String field) {
    return switch (document.fields().get(field)) {
      case Value.Text(var text) -> Optional.of(text);
      case Value.Int(long whole) -> Optional.of(Long.toString(whole));
      case null, default -> Optional.empty();
    };
  }

  private static Transaction merge(Path path, String json) {
    var mutation =
        Mutation.newBuilder()
            .setPath(WireValues.write(path))
            .setMerge(MergeDocument.newBuilder().setJson(json));
    return Transaction.newBuilder().addMutations(mutation).build();
  }
}
