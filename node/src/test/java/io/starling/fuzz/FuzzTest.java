package io.starling.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.starling.crdt.encoding.MalformedException;
import io.starling.node.api.rest.Problem;
import io.starling.node.backup.repository.RepositoryException;
import io.starling.node.identity.IdentityException;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Everything that reads bytes or text from outside, against bytes that Jazzer makes up: it keeps
/// what reaches new code, and mutates that further.
///
/// Bounded by a number of inputs, `-Dstarling.fuzz.runs`; `-Dstarling.fuzz.reader` names one
/// reader, or a part of its name. An input that is found is told in hexadecimal: it goes into
/// `src/test/resources/io/starling/fuzz/FuzzTestInputs/`, in the folder of the reader's class and
/// method, and is tried again with each run.
final class FuzzTest {

  private static final long RUNS = Long.getLong("starling.fuzz.runs", 150_000);
  private static final String ONLY = System.getProperty("starling.fuzz.reader", "");
  private static final String INPUTS = "io/starling/fuzz/FuzzTestInputs";
  private static final int BYTES_MAX = 4_096;

  private static final int LINES_MAX = 200;

  /// After so many it gives up.
  private static final int FINDINGS_MAX = 10;

  /// What reads nothing from outside but scripts, whose reader is listed without being looked for.
  private static final String SIMULATION = "io.starling.simulation";

  private static final String PROTO = "io.starling.proto";

  private static final Set<String> BYTES =
      Set.of("[B", "io.starling.crdt.encoding.Decoder", "com.google.protobuf.ByteString");

  private static final Set<String> PARTS =
      Set.of(
          "io.starling.crdt.value.Value",
          "io.starling.crdt.value.Value$Struct",
          "io.starling.replica.state.SpaceImage$Row",
          "java.util.List");

  private static final Set<String> TEXT =
      Set.of("java.lang.String", "java.nio.file.Path", "io.starling.crdt.value.Value");

  private static final Pattern READING =
      Pattern.compile("(from(Bytes|Text)|read|decode|parse|transcode|ofStore|ofText|find).*");

  /// What bytes that are not as they should be are met with.
  private static final Set<Class<?>> REFUSALS =
      Set.of(
          MalformedException.class,
          IdentityException.class,
          RepositoryException.class,
          Problem.class);

  /// Ends the process that makes up bytes, if it does not end by itself.
  private static final Duration PATIENCE = Duration.ofMinutes(10).plusMillis(RUNS);

  @TempDir private Path home;

  private String option = "";

  @BeforeEach
  void createCluster() throws Exception {
    option = Cluster.create(home);
  }

  @Test
  void whateverReadsWhatComesFromOutsideIsHere() {
    var classes = classes();
    var known = Readers.all().stream().map(Reader::name).collect(Collectors.toSet());
    var found = readers(classes).map(FuzzTest::name).collect(Collectors.toCollection(TreeSet::new));
    var missing = new TreeSet<>(found);
    missing.removeAll(known);
    missing.removeAll(Readers.OWN);

    assertThat(missing).as("neither in Readers.all() nor excused in Readers.OWN").isEmpty();
    assertThat(found).as("what is excused must exist").containsAll(Readers.OWN);
    assertThat(everything(classes, _ -> true).map(FuzzTest::name))
        .as("what is fuzzed must exist")
        .containsAll(known);
    assertThat(known).as("what is fuzzed needs no excuse").doesNotContainAnyElementsOf(Readers.OWN);
  }

  @Test
  void noTwoReadersHaveOneName() {
    assertThat(readers(classes()).map(FuzzTest::name)).doesNotHaveDuplicates();
  }

  private static JavaClasses classes() {
    return new ClassFileImporter()
        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
        .importPackages("io.starling");
  }

  @Test
  void whatWasFoundOnceIsReadOrRefused() throws Exception {
    var inputs = root().resolve("node/src/test/resources").resolve(INPUTS);
    var tried = new TreeSet<Path>();
    for (var reader : Readers.all()) {
      var folder = inputs.resolve(reader.name().substring(0, reader.name().indexOf('(')));
      for (var file : files(folder)) {
        reader.take(Files.readAllBytes(file));
        tried.add(file);
      }
    }
    try (var all = Files.walk(inputs)) {
      assertThat(all.filter(Files::isRegularFile)).allMatch(tried::contains).isNotEmpty();
    }
  }

  @Test
  void madeUpBytesAreReadOrRefused() throws Exception {
    var corpus = Files.createDirectory(home.resolve("corpus"));
    int number = 0;
    for (var seed : seeds()) {
      Files.write(corpus.resolve("seed-" + number++), seed);
    }
    var log = home.resolve("log");
    var jazzer = jazzer(corpus, log);
    int exit;
    try {
      assertThat(jazzer.waitFor(PATIENCE)).as("an end").isTrue();
      exit = jazzer.exitValue();
    } finally {
      jazzer.destroyForcibly();
    }
    var told = Files.readString(log);
    boolean isFound = exit != 0 || told.contains("== Java Exception");
    assertThat(isFound).as(() -> finding(told)).isFalse();
    assertThat(told).contains("Done " + RUNS + " runs");
  }

  private Process jazzer(Path corpus, Path log) throws IOException {
    var command = new ArrayList<String>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(
        List.of(
            "-Xmx512m",
            "-XX:+EnableDynamicAgentLoading",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Djava.io.tmpdir=" + home,
            "-Dstarling.fuzz.reader=" + ONLY,
            option,
            "-cp",
            System.getProperty("java.class.path"),
            "com.code_intelligence.jazzer.Jazzer",
            "--target_class=" + Fuzzer.class.getName(),
            "--instrumentation_includes=io.starling.**",
            "--custom_hook_includes=none",
            "--reproducer_path=" + home,
            "-artifact_prefix=" + home + "/",
            "-runs=" + RUNS,
            "--keep_going=" + FINDINGS_MAX,
            "-max_len=" + BYTES_MAX,
            "-timeout=20",
            "-seed=1",
            corpus.toString()));
    return new ProcessBuilder(command)
        .directory(home.toFile())
        .redirectErrorStream(true)
        .redirectOutput(Redirect.to(log.toFile()))
        .start();
  }

  private String finding(String told) {
    var finding = new StringBuilder();
    told.lines()
        .filter(FuzzTest::isTold)
        .limit(LINES_MAX)
        .forEach(it -> finding.append(it).append('\n'));
    try (var files = Files.list(home)) {
      for (var file : files.filter(FuzzTest::isInput).toList()) {
        byte[] input = Files.readAllBytes(file);
        finding.append("\ninput of ");
        finding.append(Readers.all().get(input[0] & 0xFF).name()).append(": ");
        finding.append(HexFormat.of().formatHex(input, 1, input.length));
      }
    } catch (IOException unreadable) {
      finding.append("\nno input: ").append(unreadable);
    }
    return finding.toString();
  }

  /// All but the news of coverage and of instrumented classes.
  private static boolean isTold(String line) {
    return !line.startsWith("#") && !line.startsWith("INFO: ") && !line.contains("# Uses: ");
  }

  private static boolean isInput(Path file) {
    return file.getFileName().toString().matches("(crash|timeout|oom|slow-unit)-.*");
  }

  /// The seeds of all readers, each after the number of its reader.
  private List<byte[]> seeds() throws IOException {
    var seeds = new ArrayList<byte[]>();
    var readers = Readers.all();
    for (int i = 0; i < readers.size(); i++) {
      for (var named : readers.get(i).seeds()) {
        for (var seed : seeds(named)) {
          var numbered = new byte[seed.length + 1];
          numbered[0] = (byte) i;
          System.arraycopy(seed, 0, numbered, 1, seed.length);
          seeds.add(numbered);
        }
      }
    }
    return seeds;
  }

  private List<byte[]> seeds(String named) throws IOException {
    if (named.startsWith("=")) {
      return List.of(named.substring(1).getBytes(StandardCharsets.UTF_8));
    }
    var file = named.substring(named.indexOf('/') + 1);
    var module = named.substring(0, named.indexOf('/'));
    if (module.equals("cluster")) {
      return List.of(Cluster.example(home, file));
    }
    var resources = root().resolve(module).resolve("src/test/resources");
    var seeds = new ArrayList<byte[]>();
    for (var line : Files.readAllLines(resources.resolve(file))) {
      if (!line.isBlank() && !line.startsWith("#")) {
        seeds.add(HexFormat.of().parseHex(line.substring(line.lastIndexOf(' ') + 1)));
      }
    }
    return seeds;
  }

  private static List<Path> files(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (var files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private static Path root() {
    var root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("LICENSE"))) {
      root = root.getParent();
    }
    return root;
  }

  /// What takes bytes, text or a message, and is called as a reader is or says that it may refuse
  /// what it takes: methods and constructors.
  private static Stream<JavaCodeUnit> readers(JavaClasses classes) {
    return everything(classes, it -> !it.startsWith(SIMULATION)).filter(FuzzTest::isReader);
  }

  private static Stream<JavaCodeUnit> everything(JavaClasses classes, Predicate<String> isMeant) {
    return classes.stream()
        .filter(it -> !it.getPackageName().startsWith(PROTO) && isMeant.test(it.getPackageName()))
        .filter(it -> !it.isAnonymousClass())
        .flatMap(it -> it.getCodeUnits().stream());
  }

  private static boolean isReader(JavaCodeUnit unit) {
    var modifiers = unit.getModifiers();
    if (modifiers.contains(JavaModifier.PRIVATE) || modifiers.contains(JavaModifier.SYNTHETIC)) {
      return false;
    }
    boolean takesBytes = takes(unit, FuzzTest::isBytes);
    boolean takesText = takes(unit, FuzzTest::isText);
    boolean isStatic = modifiers.contains(JavaModifier.STATIC);
    boolean isNamedSo = isStatic && READING.matcher(unit.getName()).matches();
    boolean isMade =
        isStatic && unit.getName().startsWith("of") && unit.getParameters().size() == 1;
    return ((takesBytes || takesText) && (isNamedSo || isMade))
        || ((takesBytes || takes(unit, FuzzTest::isParts)) && refuses(unit))
        || (takesText && unit.getThrowsClause().containsType(MalformedException.class));
  }

  private static boolean takes(JavaCodeUnit unit, Predicate<JavaClass> kind) {
    return unit.getRawParameterTypes().stream().anyMatch(kind);
  }

  private static boolean refuses(JavaCodeUnit unit) {
    return REFUSALS.stream().anyMatch(unit.getThrowsClause()::containsType);
  }

  private static boolean isBytes(JavaClass type) {
    return BYTES.contains(type.getName());
  }

  private static boolean isText(JavaClass type) {
    return TEXT.contains(type.getName());
  }

  /// What holds bytes or text of others.
  private static boolean isParts(JavaClass type) {
    return PARTS.contains(type.getName()) || type.getPackageName().startsWith(PROTO);
  }

  private static String name(JavaCodeUnit unit) {
    return unit.getOwner().getSimpleName()
        + "."
        + unit.getName()
        + unit.getRawParameterTypes().stream()
            .map(JavaClass::getSimpleName)
            .collect(Collectors.joining(", ", "(", ")"));
  }
}
