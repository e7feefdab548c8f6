package io.starling.node.receipt;

import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.value.Value;
import io.starling.node.json.JsonText;
import io.starling.node.space.Durability;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.message.Token;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeMap;

/// Signed statements of members that they have durably applied what a token covers, with all that
/// it takes to check them but the authority's certificate.
///
/// The form is JSON, `docs/receipts.md` describes it.
///
/// @param generation how many spaces of the name were dropped before it
/// @param token what the receipt is about
public record Receipt(
    ClusterId cluster, String space, long generation, Token token, List<Statement> statements) {

  /// Most bytes of a receipt that is read.
  public static final int BYTES_MAX = 8 << 20;

  private static final int STATEMENTS_MAX = 4_096;
  private static final long FORMAT = 1;

  /// What one member has signed.
  ///
  /// @param certificate DER, as the authority issued it
  /// @param token what the member was asked about: the receipt's token, or one that covers it
  public record Statement(
      String name, String site, byte[] certificate, Token token, byte[] body, byte[] signature) {}

  public Receipt {
    statements = List.copyOf(statements);
  }

  /// Of the first space of its name.
  public Receipt(ClusterId cluster, String space, Token token, List<Statement> statements) {
    this(cluster, space, 0, token, statements);
  }

  /// The receipt for what members have acknowledged.
  public static Receipt of(
      ClusterId cluster, String space, long generation, Durability durability) {
    var statements =
        durability.statements().stream()
            .map(it ->
                new Statement(
                    it.name(),
                    it.site(),
                    Base64.getDecoder().decode(it.certificate()),
                    it.token(),
                    it.signed().body(),
                    it.signed().signature()))
            .toList();
    return new Receipt(cluster, space, generation, durability.token(), statements);
  }

  /// As JSON.
  public Value.Struct toJson() {
    var json = new TreeMap<String, Value>();
    json.put("receipt", new Value.Int(FORMAT));
    json.put("cluster", text(cluster.toString()));
    json.put("space", text(space));
    if (generation > 0) {
      json.put("generation", new Value.Int(generation));
    }
    json.put("token", text(token.toText()));
    json.put("statements", new Value.Array(statements.stream().<Value>map(Receipt::json).toList()));
    return new Value.Struct(json);
  }

  private static Value.Struct json(Statement statement) {
    var json = new TreeMap<String, Value>();
    json.put("node", text(statement.name()));
    json.put("site", text(statement.site()));
    json.put("certificate", text(base64(statement.certificate())));
    json.put("token", text(statement.token().toText()));
    json.put("body", text(base64(statement.body())));
    json.put("signature", text(base64(statement.signature())));
    return new Value.Struct(json);
  }

  /// Reads what came from elsewhere.
  public static Receipt parse(byte[] utf8) throws MalformedException {
    if (utf8.length > BYTES_MAX) {
      throw new MalformedException("a receipt of more than " + BYTES_MAX + " bytes");
    }
    var json = struct(JsonText.parse(utf8), "a receipt");
    if (!(json.fields().get("receipt") instanceof Value.Int(long format))) {
      throw new MalformedException("no receipt: the field 'receipt' is missing");
    }
    if (format != FORMAT) {
      throw new MalformedException(
          "a receipt of format " + format + "; this version reads " + FORMAT);
    }
    if (!(json.fields().get("statements") instanceof Value.Array(var items))
        || items.size() > STATEMENTS_MAX) {
      throw new MalformedException("a receipt without statements, or with too many");
    }
    var statements = new ArrayList<Statement>();
    for (var item : items) {
      statements.add(statement(struct(item, "a statement")));
    }
    return new Receipt(
        cluster(string(json, "cluster")),
        string(json, "space"),
        generation(json),
        Token.fromText(string(json, "token")),
        statements);
  }

  private static long generation(Value.Struct json) throws MalformedException {
    return switch (json.fields().getOrDefault("generation", new Value.Int(0))) {
      case Value.Int(long generation) when generation >= 0 -> generation;
      default -> throw new MalformedException("a receipt whose 'generation' is no whole number");
    };
  }

  private static Statement statement(Value.Struct json) throws MalformedException {
    return new Statement(
        string(json, "node"),
        string(json, "site"),
        bytes(json, "certificate"),
        Token.fromText(string(json, "token")),
        bytes(json, "body"),
        bytes(json, "signature"));
  }

  private static ClusterId cluster(String text) throws MalformedException {
    try {
      return ClusterId.parse(text);
    } catch (IllegalArgumentException malformed) {
      throw new MalformedException("a cluster id that is none: " + text, malformed);
    }
  }

  private static Value.Struct struct(Value value, String what) throws MalformedException {
    if (value instanceof Value.Struct struct) {
      return struct;
    }
    throw new MalformedException(what + " is a JSON object");
  }

  private static String string(Value.Struct json, String field) throws MalformedException {
    if (json.fields().get(field) instanceof Value.Text(var text)) {
      return text;
    }
    throw new MalformedException("a receipt whose '" + field + "' is missing or no text");
  }

  private static byte[] bytes(Value.Struct json, String field) throws MalformedException {
    try {
      return Base64.getDecoder().decode(string(json, field));
    } catch (IllegalArgumentException notBase64) {
      throw new MalformedException("a receipt whose '" + field + "' is not Base64", notBase64);
    }
  }

  private static Value.Text text(String text) {
    return new Value.Text(text);
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
