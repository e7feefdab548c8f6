package io.starling.node.cli.terminal;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.cell.Assignment;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.node.json.JsonText;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/// What was read, for people: a line for each value, with its type where that is not plain, and
/// concurrent values beneath the one that reads.
public final class ViewText {

  private static final int FINGERPRINT_SHOWN = 8;

  private final List<String> lines = new ArrayList<>();

  private ViewText() {}

  /// The lines of a view; none if nothing is there.
  public static List<String> of(View view) {
    var text = new ViewText();
    text.add("", view);
    return text.lines;
  }

  /// A value: text as it is, anything else as JSON. Control characters are made visible, so that
  /// what others wrote cannot steer the terminal.
  public static String of(Value value) {
    return value instanceof Value.Text(var text) ? visible(text) : visible(JsonText.write(value));
  }

  /// Text with control characters escaped.
  public static String visible(String text) {
    var out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(point -> {
          boolean isPlain = !Character.isISOControl(point) || point == '\n' || point == '\t';
          if (isPlain) {
            out.appendCodePoint(point);
          } else {
            out.append(String.format("\\u%04x", point));
          }
        });
    return out.toString();
  }

  /// Text on one line: as [#visible(String)], with ends of lines and tabs escaped too.
  public static String line(String text) {
    return visible(text).replace("\n", "\\n").replace("\t", "\\t");
  }

  private void add(String name, View view) {
    switch (view) {
      case View.Absent() -> {}
      case View.Register register -> addRegister(name, register);
      case View.Counter(long total, _) -> line(name, total + typed(name, "counter"));
      case View.Flag _ -> line(name, "on" + typed(name, view.typeLabel()));
      case View.Elements elements -> addSet(name, elements);
      case View.Fields(var fields) -> {
        if (fields.isEmpty()) {
          line(name, "{}");
        }
        fields.forEach(
            (field, below) -> add((name.isEmpty() ? "" : name + ".") + visible(field), below));
      }
      case View.Conflict(var views) -> {
        line(name, "written as several types at once; remove it, or write over all of them:");
        views.forEach((kind, one) -> add(name + "<" + kind.label() + ">", one));
      }
    }
  }

  private void addRegister(String name, View.Register register) {
    if (register.values().size() == 1) {
      line(name, of(register.read().getValue().value()));
      return;
    }
    switch (register.rule()) {
      case LATEST, MAX, MIN -> {
        var read = register.read();
        line(name, of(read.getValue().value()));
        register
            .values()
            .forEach((dot, assignment) -> {
              if (!dot.equals(read.getKey())) {
                addConcurrent("also written at the same time: ", dot, assignment);
              }
            });
      }
      case ALL -> {
        line(name, register.values().size() + " values, written at the same time:");
        register.values().forEach((dot, assignment) -> addConcurrent("", dot, assignment));
      }
    }
  }

  private void addConcurrent(String lead, Dot dot, Assignment assignment) {
    var time = Instant.ofEpochMilli(assignment.time().millis()).truncatedTo(ChronoUnit.MILLIS);
    var writer = dot.replica().key().toString().substring(0, FINGERPRINT_SHOWN);
    lines.add("    " + lead + of(assignment.value()) + "  (" + writer + ", " + time + ")");
  }

  private void addSet(String name, View.Elements set) {
    if (name.isEmpty()) {
      set.elements().forEach(element -> lines.add(of(element)));
      if (set.more()) {
        lines.add("… and more; --after ELEMENT shows the next");
      }
      return;
    }
    var shown = String.join(", ", set.elements().stream().map(ViewText::of).toList());
    line(name, "{" + shown + (set.more() ? ", …" : "") + "}" + typed(name, set.typeLabel()));
  }

  // At the top the value stands alone, fit for scripts.
  private static String typed(String name, String type) {
    return name.isEmpty() ? "" : "  (" + type + ")";
  }

  private void line(String name, String text) {
    lines.add(name.isEmpty() ? text : name + ": " + text);
  }
}
