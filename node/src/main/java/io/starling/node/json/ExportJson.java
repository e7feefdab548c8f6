package io.starling.node.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// The parts of an [ExportLine], which may stand in any order.
final class ExportJson {

  /// A map is two deep for each of its levels, four with another type beside it, and a value lies
  /// in a register or set below.
  private static final int DEPTH_MAX = 4 * (Path.DEPTH_MAX + 1) + Value.DEPTH_MAX + 8;

  private static final JsonFactory FACTORY = JsonText.factory(DEPTH_MAX);

  private final TreeSet<String> names = new TreeSet<>();
  private String key = "";
  private String space = "";
  private String prefix = "";
  private String why = "";
  private View view = new View.Absent();
  private long form;
  private long end;

  private ExportJson() {}

  static ExportLine line(byte[] utf8) throws MalformedException {
    try (var in = FACTORY.createParser(utf8)) {
      var line = new ExportJson().read(in);
      if (in.nextToken() != null) {
        throw new MalformedException("malformed JSON: more text after the value");
      }
      return line;
    } catch (IOException refused) {
      throw JsonText.malformed(refused);
    }
  }

  private ExportLine read(JsonParser in) throws IOException, MalformedException {
    in.nextToken();
    ViewReader.require(in, JsonToken.START_OBJECT, "a line is a JSON object");
    while (in.nextToken() != JsonToken.END_OBJECT) {
      take(in);
    }
    return line();
  }

  private void take(JsonParser in) throws IOException, MalformedException {
    var name = in.currentName();
    in.nextToken();
    names.add(name);
    switch (name) {
      case "key" -> key = ViewReader.text(in, name);
      case "view" -> view = ViewReader.read(in);
      case "lacking" -> why = ViewReader.text(in, name);
      case "export" -> form = ViewReader.whole(in, name);
      case "space" -> space = ViewReader.text(in, name);
      case "prefix" -> prefix = ViewReader.text(in, name);
      case "end" -> end = ViewReader.whole(in, name);
      default -> throw new MalformedException("'" + name + "' is no part of a line of an export");
    }
  }

  private ExportLine line() throws MalformedException {
    if (has("export", "space", "prefix")) {
      if (form != ExportLine.FORM) {
        throw new MalformedException("an export of form " + form + ", which is not known here");
      }
      return new ExportLine.Begin(space, prefix);
    }
    if (has("end")) {
      return new ExportLine.End(end);
    }
    if (has("key", "view")) {
      requireKey();
      ViewReader.check(Path.of(key), view);
      return new ExportLine.Key(key, view);
    }
    if (has("key", "lacking")) {
      requireKey();
      return new ExportLine.Lacking(key, why);
    }
    throw new MalformedException("no line of an export: it has " + names);
  }

  private boolean has(String... all) {
    return names.equals(new TreeSet<>(List.of(all)));
  }

  private void requireKey() throws MalformedException {
    try {
      var _ = Path.of(key);
    } catch (IllegalArgumentException refused) {
      throw new MalformedException(String.valueOf(refused.getMessage()), refused);
    }
  }

  /// @param isBrief whether who wrote what is left out
  /// @return nothing if it is longer than it may be
  static Optional<byte[]> write(ExportLine line, int bytesMax, boolean isBrief) {
    var bytes = new Bounded(bytesMax);
    try (var out = FACTORY.createGenerator(bytes)) {
      out.writeStartObject();
      write(out, line, isBrief);
      out.writeEndObject();
    } catch (IOException tooLong) {
      return Optional.empty();
    }
    return Optional.of(bytes.kept.toByteArray());
  }

  private static void write(JsonGenerator out, ExportLine line, boolean isBrief)
      throws IOException {
    switch (line) {
      case ExportLine.Begin(var space, var prefix) -> {
        out.writeNumberField("export", ExportLine.FORM);
        out.writeStringField("space", space);
        out.writeStringField("prefix", prefix);
      }
      case ExportLine.Key(var key, var view) -> {
        out.writeStringField("key", key);
        out.writeFieldName("view");
        if (isBrief) {
          ViewJson.writeBriefly(out, view);
        } else {
          ViewJson.write(out, view);
        }
      }
      case ExportLine.Lacking(var key, var why) -> {
        out.writeStringField("key", key);
        out.writeStringField("lacking", why);
      }
      case ExportLine.End(long keys) -> out.writeNumberField("end", keys);
    }
  }

  /// Keeps so many bytes, and fails at the next.
  private static final class Bounded extends OutputStream {
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final int most;

    private Bounded(int most) {
      this.most = most;
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      if (length > most - kept.size()) {
        throw new IOException("longer than " + most + " bytes");
      }
      kept.write(from, offset, length);
    }
  }
}
