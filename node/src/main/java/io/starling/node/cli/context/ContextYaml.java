package io.starling.node.cli.context;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import io.starling.node.identity.PeerAddress;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Contexts as YAML: `current: NAME` and `contexts:` with an entry for each.
///
/// Read as a stream of tokens: whole object mappers would cost every command a tenth of a second.
final class ContextYaml {

  private static final YAMLFactory FACTORY =
      YAMLFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .build();

  private Optional<String> current = Optional.empty();
  private final TreeMap<String, Context> contexts = new TreeMap<>();

  private ContextYaml() {}

  /// @throws IllegalArgumentException if the text is something else; the message says what
  static Contexts read(String text) {
    try (var in = FACTORY.createParser(text)) {
      if (in.nextToken() == null) {
        return Contexts.none();
      }
      var read = new ContextYaml();
      read.root(in);
      return new Contexts(read.current, read.contexts);
    } catch (JsonProcessingException broken) {
      var at = broken.getLocation();
      var line = at == null ? "" : " (line " + at.getLineNr() + ")";
      // The parser's message may quote the line, which may hold a token.
      throw new IllegalArgumentException("it is not YAML" + line, broken);
    } catch (IOException impossible) {
      throw new IllegalArgumentException("it cannot be read", impossible);
    }
  }

  private void root(JsonParser in) throws IOException {
    expect(in, JsonToken.START_OBJECT, "it must hold 'current' and 'contexts'");
    while (in.nextToken() != JsonToken.END_OBJECT) {
      switch (in.currentName()) {
        case "current" -> current = text(in);
        case "contexts" -> {
          in.nextToken();
          if (!isEmpty(in)) {
            entries(in);
          }
        }
        default -> throw unknown(in.currentName(), "current, contexts");
      }
    }
  }

  // The parser gives what is left empty as null or as an empty text.
  private static boolean isEmpty(JsonParser in) throws IOException {
    return in.currentToken().isScalarValue()
        && (in.currentToken() == JsonToken.VALUE_NULL || in.getText().isEmpty());
  }

  private void entries(JsonParser in) throws IOException {
    expect(in, JsonToken.START_OBJECT, "'contexts' must hold an entry for each context");
    while (in.nextToken() != JsonToken.END_OBJECT) {
      var name = in.currentName();
      in.nextToken();
      contexts.put(name, entry(name, in));
    }
  }

  private static Context entry(String name, JsonParser in) throws IOException {
    expect(in, JsonToken.START_OBJECT, "context '" + name + "' must hold 'nodes' and more");
    var texts = new TreeMap<String, String>();
    var nodes = new ArrayList<PeerAddress>();
    while (in.nextToken() != JsonToken.END_OBJECT) {
      var key = in.currentName();
      switch (key) {
        case "nodes" -> nodes.addAll(nodes(name, in));
        case "ca", "token", "tokenFile", "space" -> {
          var text = text(in);
          text.ifPresent(it -> texts.put(key, it));
        }
        default -> throw unknown(key, "nodes, ca, token, tokenFile, space");
      }
    }
    return new Context(
        name,
        nodes,
        Optional.ofNullable(texts.get("ca")).map(Path::of),
        Optional.ofNullable(texts.get("token")),
        Optional.ofNullable(texts.get("tokenFile")).map(Path::of),
        Optional.ofNullable(texts.get("space")));
  }

  private static List<PeerAddress> nodes(String name, JsonParser in) throws IOException {
    in.nextToken();
    expect(in, JsonToken.START_ARRAY, "'nodes' of '" + name + "' must be a list of HOST:PORT");
    var nodes = new ArrayList<PeerAddress>();
    while (in.nextToken() != JsonToken.END_ARRAY) {
      if (!in.currentToken().isScalarValue()) {
        throw new IllegalArgumentException("'nodes' of '" + name + "' must be HOST:PORT each");
      }
      nodes.add(PeerAddress.parse(in.getText()));
    }
    return nodes;
  }

  private static Optional<String> text(JsonParser in) throws IOException {
    var name = in.currentName();
    in.nextToken();
    if (!in.currentToken().isScalarValue()) {
      throw new IllegalArgumentException("'" + name + "' must be one value");
    }
    return isEmpty(in) ? Optional.empty() : Optional.of(in.getText());
  }

  private static void expect(JsonParser in, JsonToken token, String message) {
    if (in.currentToken() != token) {
      throw new IllegalArgumentException(message);
    }
  }

  private static IllegalArgumentException unknown(String key, String known) {
    return new IllegalArgumentException("it does not know '" + key + "'; there are " + known);
  }

  static String write(Contexts contexts) {
    var text = new StringWriter();
    try (var out = FACTORY.createGenerator(text)) {
      out.writeStartObject();
      if (contexts.current().isPresent()) {
        out.writeStringField("current", contexts.current().get());
      }
      out.writeObjectFieldStart("contexts");
      for (var context : contexts.all().values()) {
        entry(out, context);
      }
      out.writeEndObject();
      out.writeEndObject();
    } catch (IOException impossible) {
      throw new AssertionError("a string takes whatever is written", impossible);
    }
    return "# Written by 'starling context'.\n" + text;
  }

  private static void entry(JsonGenerator out, Context context) throws IOException {
    out.writeObjectFieldStart(context.name());
    out.writeArrayFieldStart("nodes");
    for (var node : context.nodes()) {
      out.writeString(node.toString());
    }
    out.writeEndArray();
    write(out, "ca", context.authority().map(Path::toString));
    write(out, "token", context.token());
    write(out, "tokenFile", context.tokenFile().map(Path::toString));
    write(out, "space", context.space());
    out.writeEndObject();
  }

  private static void write(JsonGenerator out, String name, Optional<String> text)
      throws IOException {
    if (text.isPresent()) {
      out.writeStringField(name, text.get());
    }
  }
}
