package io.starling.node.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.starling.crdt.causal.Dot;
import io.starling.crdt.cell.Assignment;
import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.read.View;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Views with their types, for clients that show or resolve what was written concurrently, and for
/// files of exported keys. [ViewReader] reads them.
public final class ViewJson {

  private ViewJson() {}

  /// How much of a view a client wants to be told.
  public enum Form {
    /// What it reads as.
    VALUE,
    /// Types, concurrent values, shares.
    VIEW
  }

  /// Writes `type` and, as the form has it, `value` or `view`, and `more` if elements were left
  /// out, into the object that is open.
  public static void fields(JsonGenerator out, View view, Optional<Form> form) throws IOException {
    out.writeStringField("type", view.typeLabel());
    if (form.isEmpty()) {
      return;
    }
    switch (form.get()) {
      case VALUE -> {
        out.writeFieldName("value");
        JsonText.write(out, view.toValue());
      }
      case VIEW -> {
        out.writeFieldName("view");
        write(out, view);
      }
    }
    if (isCut(view)) {
      out.writeBooleanField("more", true);
    }
  }

  /// Writes a view as one value.
  public static void write(JsonGenerator out, View view) throws IOException {
    write(out, view, false);
  }

  /// Writes a view as one value and once only what was written: of a register with one value not
  /// who wrote it, of a counter not who counted.
  static void writeBriefly(JsonGenerator out, View view) throws IOException {
    write(out, view, true);
  }

  private static void write(JsonGenerator out, View view, boolean isBrief) throws IOException {
    out.writeStartObject();
    out.writeStringField("type", type(view));
    switch (view) {
      case View.Absent() -> {}
      case View.Register register -> register(out, register, isBrief);
      case View.Counter(long total, var shares) ->
          counter(out, total, isBrief ? List.of() : shares);
      case View.Flag(var bias) -> {
        out.writeStringField("wins", bias == Bias.ADD ? "enable" : "disable");
        out.writeBooleanField("value", true);
      }
      case View.Elements set -> {
        out.writeStringField("wins", set.bias() == Bias.ADD ? "add" : "remove");
        elements(out, set);
      }
      case View.Fields(var fields) -> {
        out.writeObjectFieldStart("fields");
        for (var field : fields.entrySet()) {
          out.writeFieldName(field.getKey());
          write(out, field.getValue(), isBrief);
        }
        out.writeEndObject();
      }
      case View.Conflict(var views) -> {
        out.writeArrayFieldStart("views");
        for (var one : views.values()) {
          write(out, one, isBrief);
        }
        out.writeEndArray();
      }
    }
    out.writeEndObject();
  }

  /// Clients treat sets alike, whatever wins.
  private static String type(View view) {
    return switch (view) {
      case View.Flag _ -> CellKind.FLAG.label();
      case View.Elements _ -> CellKind.SET.label();
      case View.Conflict _ -> "conflict";
      case View.Absent _, View.Register _, View.Counter _, View.Fields _ -> view.typeLabel();
    };
  }

  private static void register(JsonGenerator out, View.Register register, boolean isBrief)
      throws IOException {
    out.writeStringField("rule", register.rule().name().toLowerCase(Locale.ROOT));
    out.writeFieldName("value");
    JsonText.write(out, register.read().getValue().value());
    if (isBrief && register.values().size() == 1) {
      return;
    }
    var latest = register.latest().getKey();
    out.writeArrayFieldStart("values");
    for (var entry : register.values().entrySet()) {
      assignment(out, entry.getKey(), entry.getValue());
      out.writeBooleanField("latest", entry.getKey().equals(latest));
      out.writeBooleanField("read", isRead(register, entry.getKey()));
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  static boolean isRead(View.Register register, Dot dot) {
    return register.rule() == ReadRule.ALL || register.read().getKey().equals(dot);
  }

  /// Begins the object of an assignment.
  private static void assignment(JsonGenerator out, Dot dot, Assignment assignment)
      throws IOException {
    out.writeStartObject();
    out.writeFieldName("value");
    JsonText.write(out, assignment.value());
    out.writeStringField("replica", dot.replica().toString());
    out.writeNumberField("seq", dot.seq());
    out.writeNumberField("index", dot.index());
    out.writeNumberField("millis", assignment.time().millis());
  }

  private static void counter(JsonGenerator out, long total, List<NamedTally> shares)
      throws IOException {
    out.writeNumberField("total", total);
    out.writeArrayFieldStart("shares");
    for (var share : shares) {
      out.writeStartObject();
      out.writeStringField("replica", share.share().origin().toString());
      out.writeNumberField("seq", share.seen().seq());
      out.writeNumberField("index", share.seen().index());
      out.writeNumberField("total", share.seen().total());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void elements(JsonGenerator out, View.Elements elements) throws IOException {
    out.writeArrayFieldStart("elements");
    for (var element : elements.elements()) {
      JsonText.write(out, element);
    }
    out.writeEndArray();
    out.writeBooleanField("more", elements.more());
  }

  /// Whether elements were left out of it.
  public static boolean isCut(View view) {
    return switch (view) {
      case View.Elements(_, _, boolean more) -> more;
      case View.Fields(var fields) -> fields.values().stream().anyMatch(ViewJson::isCut);
      case View.Conflict(var views) -> views.values().stream().anyMatch(ViewJson::isCut);
      case View.Absent _, View.Register _, View.Counter _, View.Flag _ -> false;
    };
  }
}
