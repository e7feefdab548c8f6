package io.starling.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// `docs/limits.md` says what the code does: each constant has the value that stands there, each
/// test exists.
final class LimitsPageTest {

  private static final Path ROOT = Path.of("..");
  private static final Pattern CODE = Pattern.compile("`([\\w.$]+)#([\\w.]+)`");
  private static final Pattern SIZE =
      Pattern.compile("([0-9][0-9 ]*)(?: ?(KiB|MiB|s|min|h))?|2\\^([0-9]+)");

  private static final Map<String, Long> BYTES = Map.of("KiB", 1L << 10, "MiB", 1L << 20);
  private static final Map<String, Duration> TIMES =
      Map.of("s", Duration.ofSeconds(1), "min", Duration.ofMinutes(1), "h", Duration.ofHours(1));

  private record Row(String what, String limit, List<String> code) {
    String constant() {
      return code.getFirst();
    }
  }

  @TestFactory
  Stream<DynamicTest> everyConstantHasTheValueThatIsStated() throws IOException {
    return rows().stream()
        .map(row ->
            DynamicTest.dynamicTest(
                row.what(), () -> assertThat(value(row.constant())).isEqualTo(stated(row))));
  }

  @TestFactory
  Stream<DynamicTest> everyTestThatIsNamedExists() throws IOException {
    return rows().stream()
        .map(row ->
            DynamicTest.dynamicTest(
                row.what(), () -> assertThat(source(row.code().get(1))).isTrue()));
  }

  @Test
  void theTablesAreReadAndNoLimitIsWithoutATest() throws IOException {
    assertThat(rows()).hasSizeGreaterThan(80).allMatch(row -> row.code().size() == 2);
  }

  private static List<Row> rows() throws IOException {
    var rows = new ArrayList<Row>();
    for (var line : Files.readAllLines(ROOT.resolve("docs/limits.md"))) {
      var cells = line.split(" ?\\| ?", -1);
      var code = CODE.matcher(line).results().map(found -> found.group()).toList();
      if (line.startsWith("| ") && !code.isEmpty()) {
        rows.add(new Row(cells[1], cells[2], code));
      }
    }
    return rows;
  }

  private static Object stated(Row row) {
    var size = SIZE.matcher(row.limit());
    assertThat(size.matches()).as("'%s' is a number with a unit", row.limit()).isTrue();
    if (size.group(3) != null) {
      return 1L << Integer.parseInt(size.group(3));
    }
    long number = Long.parseLong(size.group(1).replace(" ", ""));
    var unit = size.group(2);
    if (unit == null) {
      return number;
    }
    return TIMES.containsKey(unit)
        ? Objects.requireNonNull(TIMES.get(unit)).multipliedBy(number)
        : (Object) (number * Objects.requireNonNull(BYTES.get(unit)));
  }

  /// The value of a constant, or of a component of a record that is one.
  private static Object value(String code) throws ReflectiveOperationException {
    var found = CODE.matcher(code);
    assertThat(found.matches()).isTrue();
    var parts = found.group(2).split("\\.");
    Field field = Class.forName("io.starling." + found.group(1)).getDeclaredField(parts[0]);
    field.setAccessible(true);
    Object value = field.get(null);
    for (int i = 1; i < parts.length; i++) {
      var accessor = Objects.requireNonNull(value).getClass().getMethod(parts[i]);
      accessor.setAccessible(true);
      value = accessor.invoke(value);
    }
    return value instanceof Integer whole
        ? (Object) whole.longValue()
        : Objects.requireNonNull(value);
  }

  private static boolean source(String code) throws IOException {
    var found = CODE.matcher(code);
    assertThat(found.matches()).isTrue();
    var name = found.group(1);
    var module = name.substring(0, name.indexOf('.'));
    var file =
        ROOT.resolve(module)
            .resolve("src/test/java/io/starling")
            .resolve(name.replace('.', '/') + ".java");
    return Pattern.compile("\\b" + found.group(2) + "\\(").matcher(Files.readString(file)).find();
  }
}
