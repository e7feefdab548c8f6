package io.starling.node.api.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.starling.node.lab.LabDesk;
import io.starling.node.logging.LogLevels;
import io.starling.node.memory.MemorySpaces;
import io.starling.replica.batch.ClusterId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// The description is of exactly the routes there are, and a linter that nobody here wrote has
/// nothing against it.
final class OpenApiTest {

  private static final Path TOOLS = Path.of("src/test/js").toAbsolutePath();

  private final RestApi api = api();
  private final JsonNode document = document();

  private static RestApi api() {
    var spaces = new MemorySpaces();
    var node =
        new RestApi.Node(
            new ClusterId(1, 1),
            "node",
            spaces,
            spaces,
            _ -> Optional.empty(),
            _ -> Optional.empty(),
            new LogLevels(),
            Optional.empty(),
            spaces,
            Optional.empty(),
            new LabDesk(InstantSource.system()),
            () -> "");
    return new RestApi(node, new Origins(Set.of(), false), false, InstantSource.system());
  }

  private static JsonNode document() {
    try {
      return new ObjectMapper().readTree(((Answer.Whole) OpenApi.document()).body());
    } catch (IOException malformed) {
      throw new AssertionError("the document is no JSON", malformed);
    }
  }

  @Test
  void everyRouteIsDescribedAndNothingElse() {
    var served = new TreeMap<String, TreeSet<String>>();
    for (var route : api.routes()) {
      served
          .computeIfAbsent(route.template().replace("...", ""), _ -> new TreeSet<>())
          .add(route.verb().name().toLowerCase(Locale.ROOT));
    }
    var described = new TreeMap<String, TreeSet<String>>();
    document
        .get("paths")
        .properties()
        .forEach(path -> {
          var verbs = new TreeSet<String>();
          path.getValue().fieldNames().forEachRemaining(verbs::add);
          described.put(path.getKey(), verbs);
        });
    assertThat(described).isEqualTo(served);
  }

  @Test
  void everyParameterOfARouteIsDescribed() {
    for (var route : api.routes()) {
      var operation = operation(route);
      var queries = new TreeSet<String>();
      var places = new TreeSet<String>();
      for (var reference : operation.path("parameters")) {
        var parameter = resolve(reference);
        switch (parameter.get("in").asText()) {
          case "query" -> queries.add(parameter.get("name").asText());
          case "path" -> places.add(parameter.get("name").asText());
          default -> assertThat(parameter.get("in").asText()).isEqualTo("header");
        }
      }
      assertThat(queries).as(route.template()).isEqualTo(route.parameters());
      places.forEach(place -> assertThat(route.template()).contains("{" + place));
    }
  }

  @Test
  void whatTakesABodySaysWhichAndWhatIsOpenSaysSo() {
    for (var route : api.routes()) {
      var operation = operation(route);
      boolean takesBody = route.verb().changes() && route.verb() != Verb.DELETE;
      assertThat(operation.has("requestBody")).as(route.template()).isEqualTo(takesBody);
      boolean isOpen = operation.has("security") && operation.get("security").isEmpty();
      assertThat(isOpen).as(route.template()).isEqualTo(route.need() == Route.Need.NOBODY);
    }
  }

  @Test
  void everyKindOfProblemHasAStatusThatIsDescribedSomewhere() {
    var described = new TreeSet<String>();
    document
        .get("paths")
        .forEach(path ->
            path.forEach(operation ->
                operation.get("responses").fieldNames().forEachRemaining(described::add)));
    for (var kind : Problem.Kind.values()) {
      boolean isOfAnyRoute =
          switch (kind) {
            case BUG, UNKNOWN_ROUTE, METHOD_NOT_ALLOWED, LINE_TOO_LONG, HEAD_TOO_LONG -> true;
            default -> false;
          };
      assertThat(isOfAnyRoute || described.contains("" + kind.status())).as("" + kind).isTrue();
    }
  }

  @Test
  void aLinterHasNothingAgainstIt() throws IOException, InterruptedException {
    var file = Path.of("src/main/resources/io/starling/node/api/rest/openapi.json");
    var process =
        new ProcessBuilder(
                TOOLS.resolve("node_modules/.bin/redocly").toString(),
                "lint",
                "--config",
                TOOLS.resolve("redocly.yaml").toString(),
                "--max-problems",
                "50",
                file.toAbsolutePath().toString())
            .redirectErrorStream(true)
            .start();
    var said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(said).isZero();
    // How many there are of either; of the linter's own future it warns too.
    assertThat(said).contains("is valid").doesNotContainPattern("[0-9]+ (warning|error)");
  }

  private JsonNode operation(Route route) {
    return document
        .get("paths")
        .get(route.template().replace("...", ""))
        .get(route.verb().name().toLowerCase(Locale.ROOT));
  }

  private JsonNode resolve(JsonNode reference) {
    return reference.has("$ref")
        ? document.at(reference.get("$ref").asText().substring(1))
        : reference;
  }
}
