package io.starling.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Texts;
import io.starling.crdt.value.Value;
import io.starling.node.access.Principal;
import io.starling.node.access.Role;
import io.starling.node.access.SignInCodes;
import io.starling.node.api.grpc.GrpcApi;
import io.starling.node.backup.restore.WantedKeys;
import io.starling.node.json.ExportLine;
import io.starling.node.json.JsonText;
import io.starling.node.memory.MemorySpaces;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.message.Token;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `export`, and `import --exported`, against the real server and engine in this process.
final class ExportTest {

  private static final Value.Struct EMPTY = new Value.Struct(new TreeMap<>());

  private final MemorySpaces spaces = new MemorySpaces();
  private GrpcApi api;

  @TempDir private java.nio.file.Path directory;

  @BeforeEach
  void start() throws IOException {
    var offer =
        new GrpcApi.Offer(
            new ClusterId(1, 1),
            spaces,
            text -> Role.ofLabel(text).map(role -> new Principal("token:" + text, role)),
            new SignInCodes(InstantSource.system()),
            spaces,
            "test");
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    api = GrpcApi.start(address, Optional.empty(), offer);
    Files.writeString(directory.resolve("token"), "admin\n");
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private Shell.Result run(String... words) {
    var all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--node", "127.0.0.1:" + api.port(), "--plain"));
    all.addAll(List.of("--token-file", directory.resolve("token").toString()));
    return Shell.bare().execute(all.toArray(String[]::new));
  }

  private String at(String file) {
    return directory.resolve(file).toString();
  }

  private void write(String space, List<Mutation> mutations) {
    write(space, Optional.empty(), mutations);
  }

  private void write(String space, Optional<Token> context, List<Mutation> mutations) {
    var outcome = spaces.space(space).submit("someone", context, mutations);
    assertThat(outcome.toCompletableFuture().join()).isInstanceOf(Outcome.Committed.class);
  }

  private Token token(String space) {
    return spaces.space(space).status().token();
  }

  private static Mutation set(Path path, Value value) {
    return new Mutation.Set(path, value, ReadRule.LATEST);
  }

  private static Path path(String key, String... fields) {
    return new Path(key, List.of(fields));
  }

  /// What a file says of each key, but for who wrote it.
  private List<String> told(String file) throws IOException, MalformedException {
    var keys = new TreeMap<String, View>(Texts::compareUtf8);
    try (var lines = NdjsonFile.open(directory.resolve(file))) {
      for (var line = lines.next(); line.isPresent(); line = lines.next()) {
        if (ExportLine.parse(line.get().bytes()) instanceof ExportLine.Key(var key, var view)) {
          var before = keys.get(key);
          keys.put(key, before == null ? view : ExportLine.join(before, view));
        }
      }
    }
    return keys.entrySet().stream()
        .map(entry -> entry.getKey() + " = " + told(entry.getValue()))
        .toList();
  }

  private static String told(View view) {
    return switch (view) {
      case View.Register register -> register.rule() + " " + JsonText.write(register.toValue());
      case View.Fields(var fields) -> {
        var all = new TreeMap<String, String>();
        fields.forEach((name, field) -> all.put(name, told(field)));
        yield all.toString();
      }
      case View.Absent _, View.Counter _, View.Flag _, View.Elements _, View.Conflict _ ->
          view.typeLabel() + " " + JsonText.write(view.toValue());
    };
  }

  private static Value.Struct summary(Shell.Result imported) throws MalformedException {
    var last = imported.out().lines().reduce((_, later) -> later).orElseThrow();
    return JsonText.parse(last) instanceof Value.Struct(var all)
            && all.get("summary") instanceof Value.Struct found
        ? found
        : EMPTY;
  }

  private static long count(Shell.Result imported, String what) throws MalformedException {
    return summary(imported).fields().get(what) instanceof Value.Int(long count) ? count : -1;
  }

  /// Exports a space, imports it into another, and compares what that exports; twice.
  private void assertComesBack(String into) throws IOException, MalformedException {
    run("export", at("then.ndjson")).orFail();
    run("space", "create", into).orFail();
    run("import", at("then.ndjson"), "--exported", "--space", into).orFail();
    run("export", at("now.ndjson"), "--space", into).orFail();
    assertThat(told("now.ndjson")).isEqualTo(told("then.ndjson"));
    for (var space : List.of(into, "main")) {
      var before = token(space);
      var again =
          run("import", at("then.ndjson"), "--exported", "--delete-extra", "--json", "-s", space);
      again.orFail();
      assertThat(count(again, "unchanged")).isEqualTo(told("then.ndjson").size());
      assertThat(count(again, "written")).isZero();
      assertThat(count(again, "removed")).isZero();
      assertThat(token(space)).isEqualTo(before);
    }
  }

  @Test
  void everyTypeComesBackAsItWas() throws Exception {
    var values =
        List.of(
            new Value.Null(),
            new Value.Bool(false),
            new Value.Int(Long.MIN_VALUE),
            new Value.Real(-0.0),
            new Value.Real(1e300),
            new Value.Decimal(new BigDecimal("18446744073709551617.25")),
            new Value.Text("two\nlines \u0000 \u2028 \ud83d\udc26"),
            new Value.Array(List.of(EMPTY, new Value.Array(List.of()))));
    var mutations = new ArrayList<Mutation>();
    for (int i = 0; i < values.size(); i++) {
      mutations.add(set(path("register/" + i), values.get(i)));
      for (var bias : Bias.values()) {
        mutations.add(new Mutation.AddElement(path("set", bias.name()), values.get(i), bias));
      }
    }
    for (var rule : ReadRule.values()) {
      mutations.add(new Mutation.Set(path("rule", rule.name()), new Value.Int(7), rule));
    }
    for (var bias : Bias.values()) {
      mutations.add(new Mutation.SetFlag(path("flag/" + bias), true, bias));
      mutations.add(new Mutation.SetFlag(path("map", "deep", "flag" + bias), true, bias));
    }
    mutations.add(new Mutation.SetFlag(path("off"), false));
    mutations.add(new Mutation.Increment(path("counter/zero"), 0));
    mutations.add(new Mutation.Increment(path("counter/less"), -40));
    mutations.add(new Mutation.Increment(path("map", "deep", "counter"), 3));
    mutations.add(new Mutation.Merge(path("empty"), EMPTY, false));
    mutations.add(new Mutation.Merge(path("map", "none"), EMPTY, false));
    for (var odd : List.of("\uffff", "\ud83d\udc26", "\u0001\"\\\n", "a b/#?%", "-é")) {
      mutations.add(set(path(odd, odd, "", odd), new Value.Text(odd)));
      mutations.add(new Mutation.Increment(path("odd", odd), 1));
    }
    write("main", mutations);
    assertComesBack("copy");
    assertThat(told("now.ndjson")).hasSize(22);
  }

  @Test
  void whateverWasWrittenComesBack() throws Exception {
    for (int seed = 0; seed < 15; seed++) {
      var random = new Random(seed);
      for (var mutation : some(random)) {
        // What does not go with what is there is refused, which is as good as not written.
        spaces.space("main").submit("someone", Optional.empty(), List.of(mutation));
      }
      assertComesBack("copy-" + seed);
    }
  }

  private static List<Mutation> some(Random random) {
    var mutations = new ArrayList<Mutation>();
    for (int i = 0; i < 60; i++) {
      var fields = new ArrayList<String>();
      for (int depth = random.nextInt(4); depth > 0; depth--) {
        fields.add(List.of("a", "b", "").get(random.nextInt(3)));
      }
      var key =
          List.of("k", "k/1", "k\u0001", "\ud83d\udc26", "\uffee", "l").get(random.nextInt(6));
      var path = new Path(key, fields);
      var bias = Bias.values()[random.nextInt(2)];
      var value = new Value.Int(random.nextInt(5));
      mutations.add(
          switch (random.nextInt(8)) {
            case 0 -> new Mutation.Set(path, value, ReadRule.values()[random.nextInt(4)]);
            case 1 -> new Mutation.Increment(path, random.nextInt(9) - 4);
            case 2 -> new Mutation.SetFlag(path, random.nextBoolean(), bias);
            case 3, 4 -> new Mutation.AddElement(path, value, bias);
            case 5 -> new Mutation.RemoveElement(path, value, bias);
            case 6 -> new Mutation.Merge(path, EMPTY, false);
            default -> new Mutation.Remove(path);
          });
    }
    return mutations;
  }

  /// Elements as large as they may be, so many that neither an answer nor a line holds them.
  @Test
  void aLargeSetAndALargeMapTakeSeveralLines() throws Exception {
    var mutations = new ArrayList<Mutation>();
    for (int i = 0; i < 4_500; i++) {
      var element = new Value.Text(i + "x".repeat(1_000));
      mutations.add(new Mutation.AddElement(path("set"), element));
      mutations.add(new Mutation.AddElement(path("two", "a"), element, Bias.REMOVE));
      mutations.add(new Mutation.AddElement(path("two", "b", "c"), element));
      if (mutations.size() > 300) {
        write("main", mutations);
        mutations.clear();
      }
    }
    for (int i = 0; i < 6; i++) {
      write("main", List.of(set(path("texts", "t" + i), new Value.Text("x".repeat(200_000)))));
    }
    write("main", List.of(set(path("one"), new Value.Text("x".repeat(400_000)))));
    write("main", mutations);
    assertComesBack("copy");
    assertThat(told("then.ndjson")).hasSize(4);
    try (var lines = NdjsonFile.open(directory.resolve("then.ndjson"))) {
      long count = 0;
      for (var line = lines.next(); line.isPresent(); line = lines.next()) {
        assertThat(line.get().isTooLong()).isFalse();
        count++;
      }
      assertThat(count).isGreaterThan(15);
    }
  }

  @Test
  void concurrentValuesAreWrittenAsTheOneThatIsRead() throws Exception {
    write("main", List.of(new Mutation.Set(path("k"), new Value.Int(0), ReadRule.ALL)));
    var seen = token("main");
    for (int i = 1; i <= 3; i++) {
      var set = new Mutation.Set(path("k"), new Value.Int(i), ReadRule.ALL);
      write("main", Optional.of(seen), List.of(set));
    }
    run("export", at("then.ndjson")).orFail();
    assertThat(told("then.ndjson")).containsExactly("k = ALL [1,2,3]");
    run("space", "create", "copy").orFail();
    run("import", at("then.ndjson"), "--exported", "-s", "copy").orFail();
    run("export", at("now.ndjson"), "-s", "copy").orFail();
    assertThat(told("now.ndjson")).containsExactly("k = ALL [3]");
    var again = run("import", at("then.ndjson"), "--exported", "-s", "copy", "--json");
    assertThat(count(again, "written")).isZero();
  }

  @Test
  void whatDoesNotFitIsNamedAndNotTakenForRemoved() throws Exception {
    write("main", List.of(set(path("a"), new Value.Int(1))));
    write("main", List.of(set(path("large", "f"), new Value.Text("\u0001".repeat(200_000)))));
    write("main", List.of(set(path("z"), new Value.Int(2))));
    var exported = run("export", at("then.ndjson"));
    assertThat(exported.exit()).isEqualTo(1);
    assertThat(exported.err()).contains("1 of 3 keys", "large", "then.ndjson.part");
    assertThat(directory.resolve("then.ndjson")).doesNotExist();

    write("main", List.of(set(path("extra"), new Value.Int(1)), set(path("z"), new Value.Int(9))));
    var part = at("then.ndjson.part");
    var imported = run("import", part, "--exported", "--delete-extra", "--json");
    assertThat(imported.exit()).isEqualTo(1);
    assertThat(imported.out()).contains("it was not exported: large");
    assertThat(count(imported, "failed")).isEqualTo(1);
    assertThat(run("scan").orFail()).isEqualTo("a\nlarge\nz\n");
    assertThat(run("get", "z").orFail()).isEqualTo("2\n");
  }

  /// What it had would be taken for what was removed since.
  @Test
  void nothingIsRemovedByAFileThatHasLostALine() throws Exception {
    write("main", List.of(set(path("a"), new Value.Int(1)), set(path("b"), new Value.Int(1))));
    write("main", List.of(set(path("c"), new Value.Int(1))));
    run("export", at("then.ndjson")).orFail();
    var lines = Files.readAllLines(directory.resolve("then.ndjson"));
    lines.remove(2);
    Files.write(directory.resolve("then.ndjson"), lines);

    var imported = run("import", at("then.ndjson"), "--exported", "--delete-extra");

    assertThat(imported.exit()).isEqualTo(1);
    assertThat(imported.err()).contains("line 4", "3 keys, and has 2", "nothing is written");
    assertThat(run("scan").orFail()).isEqualTo("a\nb\nc\n");
  }

  @Test
  void onlyKeysWithItsPrefixAreWrittenOrRemoved() throws Exception {
    for (var key : List.of("a/1", "a/2", "b/1")) {
      write("main", List.of(new Mutation.Increment(path(key), 5)));
    }
    run("export", at("a.ndjson.gz"), "--prefix", "a/", "--json").orFail();
    assertThat(Files.readAllBytes(directory.resolve("a.ndjson.gz"))).startsWith(0x1f, 0x8b);
    assertThat(directory.resolve("a.ndjson.gz.part")).doesNotExist();
    write(
        "main",
        List.of(
            new Mutation.Increment(path("a/1"), 2),
            new Mutation.Increment(path("a/3"), 2),
            new Mutation.Remove(path("a/2"))));
    var file = at("a.ndjson.gz");
    var dry = run("import", file, "--exported", "--delete-extra", "--dry-run");
    assertThat(dry.orFail())
        .contains("would write   a/1\n         increment a/1 -2", "would remove  a/3")
        .contains("nothing was written");
    assertThat(run("get", "a/1").orFail()).isEqualTo("7\n");
    assertThat(run("import", file, "--exported").orFail())
        .contains("kept     a/3")
        .contains("0 keys read as in the file already; 2 are written, 0 removed");
    assertThat(run("scan", "--values").orFail()).isEqualTo("a/1\t5\na/2\t5\na/3\t2\nb/1\t5\n");
    run("import", file, "--exported", "--delete-extra").orFail();
    assertThat(run("scan", "--values").orFail()).isEqualTo("a/1\t5\na/2\t5\nb/1\t5\n");
  }

  @Test
  void aDashPrintsIt() throws Exception {
    write("main", List.of(new Mutation.Increment(path("n"), 5)));
    var printed = run("export", "-");
    assertThat(printed.err()).isEmpty();
    assertThat(printed.orFail().lines()).hasSize(3);
    Files.writeString(directory.resolve("printed"), printed.out());
    assertThat(told("printed")).containsExactly("n = counter 5");
  }

  private String imported(String... lines) throws IOException {
    var file = Files.writeString(directory.resolve("made"), String.join("\n", lines));
    var result = run("import", file.toString(), "--exported", "--delete-extra");
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.err().lines()).hasSize(1);
    return result.err();
  }

  private static String counter(String key) {
    return "{\"key\":\"" + key + "\",\"view\":{\"type\":\"counter\",\"total\":1}}";
  }

  /// Whatever is wrong is named with its line, and nothing behind it counts as removed.
  @Test
  void aFileThatIsNotAsItWasWrittenIsRefused() throws Exception {
    write("main", List.of(new Mutation.Increment(path("z"), 1)));
    var begin = "{\"export\":1,\"space\":\"main\",\"prefix\":\"\"}";
    var cut =
        "{\"key\":\"s\",\"view\":{\"type\":\"set\",\"wins\":\"add\",\"elements\":[1],\"more\":true}}";
    assertThat(imported("")).contains("line 1: what 'export' writes begins with");
    assertThat(imported(counter("a"))).contains("line 1: what 'export' writes begins with");
    assertThat(imported(begin)).contains("line 1: the file ends here");
    assertThat(imported(begin, counter("a"))).contains("line 2: the file ends here");
    assertThat(imported(begin, counter("b"), "", counter("a"))).contains("line 4: out of order");
    assertThat(imported(begin, counter("a"), counter("a"), "{\"end\":1}"))
        .contains("line 3: it does not go on with the line before");
    assertThat(imported(begin, cut, "{\"end\":1}")).contains("line 3", "to be gone on with: s");
    assertThat(imported(begin, cut, cut.replace("true", "false"), "{\"end\":1}"))
        .contains("line 4", "an element twice");
    assertThat(imported(begin, counter("a"), "{\"end\":2}")).contains("2 keys, and has 1");
    assertThat(imported(begin, "{\"end\":0}", counter("a"))).contains("behind the last line");
    assertThat(imported(begin, begin)).contains("line 2: a file begins in the middle");
    assertThat(imported(begin, "{\"key\":\"a\"}")).contains("line 2: no line of an export");
    assertThat(imported(begin.replace("\"\"", "\"a/\""), counter("a")))
        .contains("line 2: the key does not begin with 'a/'");
    assertThat(run("scan").orFail()).isEqualTo("z\n");
  }

  @Test
  void aKeyOfTooManyPartsIsRefused() throws Exception {
    var file = directory.resolve("many");
    try (var out = Files.newBufferedWriter(file)) {
      out.write("{\"export\":1,\"space\":\"main\",\"prefix\":\"\"}\n");
      for (int i = 0; i <= WantedKeys.PARTS_MAX; ) {
        out.write("{\"key\":\"s\",\"view\":{\"type\":\"set\",\"wins\":\"add\",\"elements\":[");
        for (int end = i + 50_000; i < end; i++) {
          out.write(i + ",");
        }
        out.write("-" + i + "],\"more\":true}}\n");
      }
    }
    var result = run("import", file.toString(), "--exported");
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.err()).contains("line 41: s has more than 2000000 parts");
  }

  @Test
  void optionsThatDoNotGoTogetherAreUsage() {
    assertThat(run("import", "f").exit()).isEqualTo(2);
    assertThat(run("import", "f", "--exported", "--key", "id").exit()).isEqualTo(2);
    assertThat(run("import", "f", "--exported", "--skip-bad").exit()).isEqualTo(2);
    assertThat(run("import", "f", "--key", "id", "--dry-run").exit()).isEqualTo(2);
    assertThat(run("import", "f", "--key", "id", "--delete-extra").exit()).isEqualTo(2);
    assertThat(run("import", "f", "--exported", "-s", "_system").exit()).isEqualTo(2);
    assertThat(run("export", at("f"), "-s", "nowhere").exit()).isEqualTo(1);
    assertThat(directory.resolve("f.part")).doesNotExist();
  }
}
