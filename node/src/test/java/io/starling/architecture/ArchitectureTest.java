package io.starling.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ArchitectureTest {

  private static final ArchitectureRules RULES = new ArchitectureRules("io.starling");

  private static final ArchitectureRules ON_FIXTURES =
      new ArchitectureRules("io.starling.architecture.bad");

  private static final JavaClasses PRODUCT =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(location -> !location.contains("/io/starling/proto/"))
          .importPackages("io.starling");

  private static final JavaClasses FIXTURES =
      new ClassFileImporter().importPackages("io.starling.architecture.bad");

  /// What each rule must say of the fixtures: a piece of a line for each way to break it.
  private static final Map<String, List<String>> CAUGHT =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("crdt needs nothing but the JDK", List.of("bad.crdt.KnowsTheEngine")),
              Map.entry("replica needs nothing but crdt", List.of("bad.replica.KnowsALibrary")),
              Map.entry(
                  "the product does not run on the model", List.of("bad.replica.KnowsTheModel")),
              Map.entry(
                  "simulation needs nothing but the engine",
                  List.of("bad.simulation.KnowsTheProduct")),
              Map.entry(
                  "client needs nothing but the contracts",
                  List.of("bad.client.KnowsTheProduct.product", "bad.client.KnowsTheProduct.json")),
              Map.entry("packages form no cycle", List.of("bad.cycle.one", "bad.cycle.two")),
              Map.entry("adapter storage knows no other", List.of("StorageKnowsTransport")),
              Map.entry("adapter transport knows no other", List.of("TransportKnowsStorage")),
              Map.entry("adapter api.grpc knows no other", List.of("GrpcKnowsHttp")),
              Map.entry("adapter api.http knows no other", List.of("HttpKnowsGrpc")),
              Map.entry("adapter discovery knows no other", List.of("DiscoveryKnowsTransport")),
              Map.entry("org.rocksdb.. stays at home", List.of("StrayLibraries.rocksdb")),
              Map.entry("io.vertx.. stays at home", List.of("StrayLibraries.vertx")),
              Map.entry("io.grpc.. stays at home", List.of("StrayLibraries.grpc")),
              Map.entry("io.netty.. stays at home", List.of("StrayLibraries.netty")),
              Map.entry("com.hazelcast.. stays at home", List.of("StrayLibraries.hazelcast")),
              Map.entry("org.bouncycastle.. stays at home", List.of("StrayLibraries.bouncycastle")),
              Map.entry("io.micrometer.. stays at home", List.of("StrayLibraries.micrometer")),
              Map.entry("ch.qos.logback.. stays at home", List.of("StrayLibraries.logback")),
              Map.entry(
                  "io.opentelemetry.. stays at home", List.of("StrayLibraries.opentelemetry")),
              Map.entry("com.cronutils.. stays at home", List.of("StrayLibraries.cronutils")),
              Map.entry("software.amazon.. stays at home", List.of("StrayLibraries.s3")),
              Map.entry("picocli.. stays at home", List.of("StrayLibraries.picocli")),
              Map.entry(
                  "only the command line prints", List.of("node.Prints.out", "node.Prints.err")),
              Map.entry(
                  "the pure packages do no I/O",
                  List.of(
                      "Impurities.file",
                      "Impurities.path",
                      "Impurities.socket",
                      "Impurities.lock",
                      "Impurities.thread",
                      "Impurities.logger",
                      "crdt.KnowsTheEngine.queue",
                      "simulation.world.Sleeps")),
              Map.entry(
                  "the pure packages read no clock and no entropy",
                  List.of(
                      "Impurities.chance",
                      "Impurities.uuid",
                      "Impurities.seedless",
                      "Impurities.secure",
                      "Impurities.splittable",
                      "Impurities.nanos",
                      "Impurities.millis",
                      "Impurities.now",
                      "Impurities.reference",
                      "Impurities.clock",
                      "Impurities.identity",
                      "Impurities.shuffle")),
              Map.entry(
                  "the pure packages keep order in collections",
                  List.of(
                      "Unordered.map",
                      "Unordered.set",
                      "Unordered.identity",
                      "Unordered.reference",
                      "Unordered.setOf",
                      "Unordered.mapOf",
                      "Unordered.setCopy",
                      "Unordered.mapCopy",
                      "Unordered.entries",
                      "Unordered.toSet",
                      "Unordered.toMap",
                      "Unordered.grouping",
                      "Unordered.parallel")),
              Map.entry(
                  "names are of the domain",
                  List.of(
                      "bad.names.AbstractThing",
                      "bad.names.ThingManager",
                      "bad.names.ThingUtils",
                      "bad.names.Outer$InnerImpl"))));

  static Set<String> rules() {
    return RULES.all().keySet();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void productObeys(String rule) {
    RULES.all().get(rule).check(PRODUCT);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void fixtureIsCaught(String rule) {
    var offences = CAUGHT.get(rule);
    assertThat(offences).as("a fixture that breaks it").isNotEmpty();
    assertThatThrownBy(() -> ON_FIXTURES.all().get(rule).check(FIXTURES))
        .isInstanceOf(AssertionError.class)
        .message()
        .contains(offences);
  }

  @Test
  void whatIsAllowedIsNotCaught() {
    var allowed =
        new ClassFileImporter()
            .importPackages("io.starling.architecture.bad")
            .that(
                DescribedPredicate.describe("allowed", type -> type.getName().contains("Allowed")));
    assertThat(allowed).isNotEmpty();
    ON_FIXTURES.all().forEach((_, rule) -> rule.allowEmptyShould(true).check(allowed));
  }

  @Test
  void everyModuleIsLookedAt() {
    for (var module : List.of("crdt", "replica", "simulation", "client", "node")) {
      assertThat(
              PRODUCT.stream().anyMatch(t -> t.getName().startsWith("io.starling." + module + ".")))
          .as(module)
          .isTrue();
    }
  }
}
