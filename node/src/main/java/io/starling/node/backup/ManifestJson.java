package io.starling.node.backup;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.value.Value;
import io.starling.node.backup.Manifest.SpaceEntry;
import io.starling.node.backup.repository.ChunkId;
import io.starling.node.json.JsonText;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import io.starling.replica.state.SpaceImage.Part;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A manifest as JSON, so that a person with an editor can see what a backup is.
final class ManifestJson {

  /// In format 1 no space has batches of format 2, nor what they write.
  static final int FORMAT = 2;

  private ManifestJson() {}

  static byte[] write(Manifest manifest) {
    var source = manifest.source();
    var totals = manifest.totals();
    var json =
        struct(
            "format", number(FORMAT),
            "cluster", text(source.cluster().toString()),
            "node", text(source.node().toString()),
            "name", text(source.name()),
            "version", text(source.version()),
            "taken", text(manifest.taken().toString()),
            "finished", text(manifest.finished().toString()),
            "spaces", new Value.Array(manifest.spaces().stream().map(ManifestJson::space).toList()),
            "chunks", number(totals.chunks()),
            "bytes", number(totals.bytes()),
            "addedChunks", number(totals.addedChunks()),
            "addedBytes", number(totals.addedBytes()));
    return JsonText.write(json).getBytes(StandardCharsets.UTF_8);
  }

  private static Value space(SpaceEntry space) {
    var parts = new TreeMap<String, Value>();
    space.parts().forEach((part, strand) -> parts.put(word(part), strand(strand)));
    var vector = new TreeMap<String, Value>();
    space
        .token()
        .ifPresent(token ->
            token
                .heads()
                .forEach(head -> vector.put(head.replica().toString(), number(head.seq()))));
    Value token = space.token().<Value>map(it -> text(it.toText())).orElseGet(Value.Null::new);
    return struct(
        "name", text(space.name()),
        "id", text(space.id().toString()),
        "token", token,
        "vector", new Value.Struct(vector),
        "digest", text(space.digest().toString()),
        "cells", number(space.cells()),
        "parts", new Value.Struct(parts));
  }

  private static Value strand(Strand strand) {
    var lists = new ArrayList<Value>();
    for (var listing : strand.lists()) {
      var first = Base64.getEncoder().encodeToString(listing.first());
      lists.add(struct("first", text(first), "chunk", text(listing.chunk().toString())));
    }
    return struct(
        "rows", number(strand.rows()),
        "bytes", number(strand.bytes()),
        "lists", new Value.Array(lists));
  }

  /// Reads what [#write] wrote.
  static Manifest read(byte[] json) throws MalformedException {
    var in = fields(JsonText.parse(json), "a manifest");
    long format = number(in, "format");
    if (format > FORMAT) {
      throw new MalformedException(
          "it is of a newer format, " + format + "; run the newer version");
    }
    try {
      var source =
          new Manifest.Source(
              ClusterId.parse(text(in, "cluster")),
              KeyFingerprint.parse(text(in, "node")),
              text(in, "name"),
              text(in, "version"));
      var spaces = new ArrayList<SpaceEntry>();
      for (var space : items(in, "spaces")) {
        spaces.add(space(fields(space, "a space")));
      }
      return new Manifest(
          source,
          Instant.parse(text(in, "taken")),
          Instant.parse(text(in, "finished")),
          spaces,
          new Manifest.Totals(
              number(in, "chunks"),
              number(in, "bytes"),
              number(in, "addedChunks"),
              number(in, "addedBytes")));
    } catch (IllegalArgumentException | DateTimeException broken) {
      throw new MalformedException(String.valueOf(broken.getMessage()), broken);
    }
  }

  private static SpaceEntry space(Map<String, Value> in) throws MalformedException {
    var parts = new EnumMap<Part, Strand>(Part.class);
    var told = fields(in.get("parts"), "'parts'");
    for (var part : Part.values()) {
      parts.put(part, strand(fields(told.get(word(part)), "a part")));
    }
    Optional<Token> token = Optional.empty();
    if (!(in.get("token") instanceof Value.Null)) {
      token = Optional.of(Token.ofStore(Base64.getUrlDecoder().decode(text(in, "token"))));
    }
    long[] id = halves(text(in, "id"));
    long[] digest = halves(text(in, "digest"));
    return new SpaceEntry(
        text(in, "name"),
        new SpaceId(id[0], id[1]),
        token,
        new CellDigest(digest[0], digest[1]),
        number(in, "cells"),
        parts);
  }

  private static Strand strand(Map<String, Value> in) throws MalformedException {
    var lists = new ArrayList<Strand.Listing>();
    for (var item : items(in, "lists")) {
      var listing = fields(item, "a list");
      byte[] first = Base64.getDecoder().decode(text(listing, "first"));
      lists.add(new Strand.Listing(first, ChunkId.parse(text(listing, "chunk"))));
    }
    return new Strand(number(in, "rows"), number(in, "bytes"), lists);
  }

  private static long[] halves(String hex) {
    if (hex.length() != 32) {
      throw new IllegalArgumentException("not 32 hexadecimal digits: " + hex);
    }
    return new long[] {
      HexFormat.fromHexDigitsToLong(hex, 0, 16), HexFormat.fromHexDigitsToLong(hex, 16, 32)
    };
  }

  private static String word(Part part) {
    return part.name().toLowerCase(Locale.ROOT);
  }

  private static Value text(String text) {
    return new Value.Text(text);
  }

  private static Value number(long number) {
    return new Value.Int(number);
  }

  private static Value struct(Object... namesAndValues) {
    var fields = new TreeMap<String, Value>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fields.put((String) namesAndValues[i], (Value) namesAndValues[i + 1]);
    }
    return new Value.Struct(fields);
  }

  private static Map<String, Value> fields(@Nullable Value value, String what)
      throws MalformedException {
    if (value instanceof Value.Struct(var fields)) {
      return fields;
    }
    throw new MalformedException(what + " that is no object");
  }

  private static List<Value> items(Map<String, Value> in, String name) throws MalformedException {
    if (in.get(name) instanceof Value.Array(var items)) {
      return items;
    }
    throw new MalformedException("no list '" + name + "'");
  }

  private static String text(Map<String, Value> in, String name) throws MalformedException {
    if (in.get(name) instanceof Value.Text(var text)) {
      return text;
    }
    throw new MalformedException("no text '" + name + "'");
  }

  private static long number(Map<String, Value> in, String name) throws MalformedException {
    if (in.get(name) instanceof Value.Int(long number) && number >= 0) {
      return number;
    }
    throw new MalformedException("no number '" + name + "'");
  }
}
