package io.starling.node.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ExportLineTest {

  private static final String VALUE =
      "\"replica\":\"" + "0".repeat(32) + "-" + "0".repeat(16) + "\",\"seq\":1,\"index\":0";

  private static ExportLine parse(String text) throws MalformedException {
    return ExportLine.parse(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(ExportLine line) {
    var bytes = ExportLine.write(line, Integer.MAX_VALUE).orElseThrow();
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static String key(String view) {
    return "{\"key\":\"k\",\"view\":" + view + "}";
  }

  @Provide
  Arbitrary<View> views() {
    return Views.any(Path.of("k"));
  }

  /// All but the shares of counters, which nobody brings back, and stamps within a millisecond.
  @Property
  void whatIsWrittenIsRead(@ForAll("views") View view) throws MalformedException {
    var written = text(new ExportLine.Key("k", withoutShares(view)));
    assertThat(text(parse(written))).isEqualTo(written);
    assertThat(text(parse(text(new ExportLine.Key("k", view))))).isEqualTo(written);
    var read = ((ExportLine.Key) parse(written)).view();
    assertThat(read.typeLabel()).isEqualTo(view.typeLabel());
    assertThat(read.toValue()).isEqualTo(view.toValue());
  }

  private static View withoutShares(View view) {
    return switch (view) {
      case View.Counter(long total, _) -> new View.Counter(total, List.of());
      case View.Fields(var fields) -> {
        var all = new TreeMap<String, View>();
        fields.forEach((name, field) -> all.put(name, withoutShares(field)));
        yield new View.Fields(all);
      }
      case View.Conflict(var views) -> {
        var all = new TreeMap<io.starling.crdt.cell.CellKind, View>();
        views.forEach((kind, one) -> all.put(kind, withoutShares(one)));
        yield new View.Conflict(all);
      }
      case View.Absent _, View.Register _, View.Flag _, View.Elements _ -> view;
    };
  }

  @Property
  void partsThatFollowEachOtherAreTheWhole(@ForAll("views") View view) throws MalformedException {
    var parts = parts(view);
    var joined = parts.getFirst();
    for (var part : parts.subList(1, parts.size())) {
      joined = ExportLine.join(joined, part);
    }
    assertThat(joined).isEqualTo(view);
  }

  private static List<View> parts(View view) {
    var halves = ExportLine.halves(view);
    if (halves.isEmpty()) {
      return List.of(view);
    }
    var all = new ArrayList<View>();
    halves.forEach(half -> all.addAll(parts(half)));
    return all;
  }

  @Test
  void aPartThatIsMissingIsSeen() throws MalformedException {
    var set = new View.Elements(Bias.ADD, List.of(new Value.Int(1), new Value.Int(2)), false);
    var halves = ExportLine.halves(set);
    assertThatThrownBy(() -> ExportLine.requireWhole("k", halves.getFirst()))
        .isInstanceOf(MalformedException.class);
    ExportLine.requireWhole("k", set);
    assertThatThrownBy(() -> ExportLine.join(set, halves.getFirst()))
        .hasMessageContaining("does not go on");
    assertThatThrownBy(() -> ExportLine.join(new View.Flag(Bias.ADD), set))
        .isInstanceOf(MalformedException.class);
    var twice = ExportLine.join(halves.getFirst(), set);
    assertThatThrownBy(() -> ExportLine.requireWhole("k", twice)).hasMessageContaining("twice");
  }

  @Test
  void whatIsTooLongSaysLessOrNothing() throws MalformedException {
    var register =
        key("{\"type\":\"register\",\"rule\":\"max\",\"value\":\"" + "x".repeat(500) + "\"}");
    var line = parse(register);
    assertThat(text(line).length()).isGreaterThan(1_000);
    var brief = ExportLine.write(line, 600).orElseThrow();
    assertThat(new String(brief, StandardCharsets.UTF_8)).isEqualTo(register);
    assertThat(ExportLine.write(line, 500)).isEmpty();
  }

  @Test
  void partsStandInAnyOrder() throws MalformedException {
    assertThat(
            parse(
                "{\"view\":{\"elements\":[1],\"wins\":\"remove\",\"type\":\"set\"},\"key\":\"k\"}"))
        .isEqualTo(
            new ExportLine.Key(
                "k", new View.Elements(Bias.REMOVE, List.of(new Value.Int(1)), false)));
  }

  @Test
  void mapsAsDeepAsAPathMayBeAreRead() throws MalformedException {
    var deep =
        "{\"type\":\"register\",\"rule\":\"latest\",\"value\":"
            + nested("[", 32)
            + nested("]", 32)
            + "}";
    for (int i = 0; i < Path.DEPTH_MAX; i++) {
      deep =
          "{\"type\":\"conflict\",\"views\":[{\"type\":\"counter\",\"total\":1},"
              + "{\"type\":\"map\",\"fields\":{\"f\":"
              + deep
              + "}}]}";
    }
    var line = parse(key(deep));
    assertThat(text(parse(text(line)))).isEqualTo(text(line));
    var deeper = key("{\"type\":\"map\",\"fields\":{\"f\":" + deep + "}}");
    assertThatThrownBy(() -> parse(deeper)).hasMessageContaining("more than 32 fields");
    var value =
        key(
            "{\"type\":\"register\",\"rule\":\"latest\",\"value\":"
                + nested("[", 33)
                + nested("]", 33)
                + "}");
    assertThatThrownBy(() -> parse(value)).isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> parse(key(nested("{\"type\":\"map\",\"fields\":{\"f\":", 5_000))))
        .isInstanceOf(MalformedException.class);
  }

  private static String nested(String text, int times) {
    return LongStream.range(0, times).mapToObj(_ -> text).reduce("", String::concat);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "{};no line of an export",
        "[];a JSON object",
        "{\"key\":\"k\"};no line of an export",
        "{\"key\":\"\",\"view\":{\"type\":\"absent\"}};must not be empty",
        "{\"key\":\"k\",\"view\":{\"type\":\"absent\"},\"end\":1};no line of an export",
        "{\"key\":\"k\",\"view\":{\"type\":\"absent\"}} 1;more text",
        "{\"key\":\"k\",\"view\":{\"type\":\"absent\"},\"more\":1};no part of a line",
        "{\"key\":\"k\",\"key\":\"k\",\"view\":{\"type\":\"absent\"}};Duplicate",
        "{\"export\":2,\"space\":\"main\",\"prefix\":\"\"};form 2",
        "{\"end\":1.5};whole number",
        "{\"end\":1;malformed JSON",
      })
  void aLineThatIsNoneIsRefused(String line, String why) {
    assertThatThrownBy(() -> parse(line))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining(why);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "1;a view is an object",
        "{};no known type",
        "{\"type\":\"tree\"};no known type",
        "{\"type\":\"counter\"};without 'total'",
        "{\"type\":\"counter\",\"total\":9223372036854775808};64 bits",
        "{\"type\":\"counter\",\"total\":1,\"wins\":\"add\"};has no 'wins'",
        "{\"type\":\"counter\",\"total\":1,\"sum\":1};no part of a view",
        "{\"type\":\"counter\",\"total\":1,\"shares\":1};is an array",
        "{\"type\":\"flag\",\"wins\":\"enable\",\"value\":false};is true",
        "{\"type\":\"flag\",\"wins\":\"add\",\"value\":true};enable or disable",
        "{\"type\":\"set\",\"wins\":\"add\",\"elements\":[1,1]};twice",
        "{\"type\":\"set\",\"wins\":\"add\",\"elements\":{}};is an array",
        "{\"type\":\"set\",\"wins\":\"add\",\"elements\":[],\"more\":1};true or false",
        "{\"type\":\"map\",\"fields\":[]};is an object",
        "{\"type\":\"map\",\"fields\":{\"a\\u0000\":{\"type\":\"absent\"}}};NUL",
        "{\"type\":\"register\",\"rule\":\"last\",\"value\":1};no rule",
        "{\"type\":\"register\",\"rule\":\"latest\",\"value\":1,\"values\":[]};without a value",
        "{\"type\":\"register\",\"rule\":\"latest\",\"value\":1,\"values\":[{}]};lacks",
        "{\"type\":\"conflict\",\"views\":[{\"type\":\"counter\",\"total\":1}]};two types or more",
        "{\"type\":\"conflict\",\"views\":[{\"type\":\"absent\"}]};holds no view",
        "{\"type\":\"conflict\",\"views\":[{\"type\":\"counter\",\"total\":1},"
            + "{\"type\":\"counter\",\"total\":1}]};two views of one type",
      })
  void aViewThatIsNoneIsRefused(String view, String why) {
    assertThatThrownBy(() -> parse(key(view)))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining(why);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "2;\"value\":1,\"millis\":0,\"latest\":true,\"read\":true;none that is read",
        "1;\"value\":1,\"millis\":0,\"latest\":false,\"read\":true;contradict",
        "1;\"value\":1,\"millis\":0,\"latest\":true,\"read\":false;contradict",
        "1;\"value\":1,\"millis\":-1,\"latest\":true,\"read\":true;'millis' is 0 to",
        "1;\"value\":1,\"millis\":0,\"latest\":true,\"read\":true,\"who\":1;no part of",
      })
  void valuesThatContradictTheRestAreRefused(String read, String value, String why) {
    var register =
        "{\"type\":\"register\",\"rule\":\"latest\",\"value\":%s,\"values\":[{%s,%s}]}"
            .formatted(read, VALUE, value);
    assertThatThrownBy(() -> parse(key(register)))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining(why);
  }
}
