package io.starling.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The rules over classes, for a product whose packages lie below `root`.
///
/// The root is a parameter so that each rule can be tried on fixtures that break it.
record ArchitectureRules(String root) {

  /// Adapters of a node to the world. None knows another; each keeps the types of its library to
  /// itself.
  private static final List<String> ADAPTERS =
      List.of("storage", "transport", "api.grpc", "api.http", "discovery");

  /// Which packages of a node may see a library. Everything else is behind their interfaces.
  private static final Map<String, List<String>> HOMES =
      Map.ofEntries(
          Map.entry("org.rocksdb..", List.of("storage")),
          Map.entry("com.cronutils..", List.of("backup")),
          Map.entry("software.amazon..", List.of("backup.s3")),
          Map.entry("io.vertx..", List.of("api.http")),
          Map.entry("io.grpc..", List.of("transport", "api.grpc", "client", "bench")),
          Map.entry("io.netty..", List.of("transport", "api.grpc", "api.http", "client")),
          Map.entry("com.hazelcast..", List.of("discovery.hazelcast")),
          Map.entry("org.bouncycastle..", List.of("identity")),
          Map.entry("io.micrometer..", List.of("metrics")),
          Map.entry("ch.qos.logback..", List.of("logging")),
          Map.entry("io.opentelemetry..", List.of("tracing")),
          Map.entry("picocli..", List.of("cli")));

  private static final List<String> SUFFIXES =
      List.of(
          "Manager",
          "Helper",
          "Util",
          "Utils",
          "Impl",
          "Service",
          "Handler",
          "Processor",
          "Data",
          "Info",
          "Base");

  /// Every rule by its name.
  Map<String, ArchRule> all() {
    var rules = new TreeMap<String, ArchRule>();
    rules.put("crdt needs nothing but the JDK", only("crdt"));
    rules.put("replica needs nothing but crdt", only("replica", "crdt"));
    rules.put("simulation needs nothing but the engine", only("simulation", "replica", "crdt"));
    rules.put("client needs nothing but the contracts", contractsOnly());
    rules.put("the product does not run on the model", withoutModel());
    rules.put("packages form no cycle", acyclic());
    for (var adapter : ADAPTERS) {
      rules.put("adapter " + adapter + " knows no other", apart(adapter));
    }
    HOMES.forEach((library, homes) -> rules.put(library + " stays at home", home(library, homes)));
    rules.put("only the command line prints", quiet());
    rules.put("the pure packages do no I/O", withoutEffects());
    rules.put("the pure packages read no clock and no entropy", calling(Impure.ENTROPY));
    rules.put("the pure packages keep order in collections", calling(Impure.UNORDERED));
    rules.put("names are of the domain", named());
    return rules;
  }

  private String in(String part) {
    return root + "." + part + "..";
  }

  private String[] inNode(List<String> parts) {
    return parts.stream().map(part -> in("node." + part)).toArray(String[]::new);
  }

  private ArchRule only(String module, String... below) {
    var allowed = new ArrayList<>(List.of(in(module), "java..", "org.jspecify.."));
    for (var other : below) {
      allowed.add(in(other));
    }
    return classes()
        .that()
        .resideInAPackage(in(module))
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(allowed.toArray(String[]::new))
        .allowEmptyShould(true);
  }

  /// The reference implementation that the simulation holds states against is in the archive too.
  private ArchRule withoutModel() {
    return noClasses()
        .that()
        .resideOutsideOfPackages(in("simulation"), in("crdt.model"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(in("crdt.model"))
        .allowEmptyShould(true);
  }

  private ArchRule contractsOnly() {
    return classes()
        .that()
        .resideInAPackage(in("client"))
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            in("client"),
            "io.starling.proto..",
            "java..",
            "org.jspecify..",
            "io.grpc..",
            "com.google.protobuf..",
            "com.google.rpc..")
        .allowEmptyShould(true);
  }

  private ArchRule apart(String adapter) {
    var others = ADAPTERS.stream().filter(other -> !other.equals(adapter)).toList();
    return noClasses()
        .that()
        .resideInAPackage(in("node." + adapter))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(inNode(others))
        .allowEmptyShould(true);
  }

  private ArchRule home(String library, List<String> homes) {
    return noClasses()
        .that()
        .resideOutsideOfPackages(inNode(homes))
        .and()
        .resideOutsideOfPackage(in("client"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .allowEmptyShould(true);
  }

  private ArchRule acyclic() {
    return slices().assignedFrom(new ByPackage(root)).should().beFreeOfCycles();
  }

  private ArchRule quiet() {
    return noClasses()
        .that(not(resideInAnyPackage(in("node.cli"), in("node.bench"), in("simulation.command"))))
        .should()
        .accessTargetWhere(Impure.PRINTING)
        .allowEmptyShould(true);
  }

  private DescribedPredicate<JavaClass> pure() {
    return resideInAnyPackage(in("crdt"), in("replica"), in("simulation"))
        .and(not(resideInAnyPackage(in("simulation.report"), in("simulation.command"))))
        .as("pure");
  }

  private ArchRule withoutEffects() {
    return noClasses()
        .that(pure())
        .should()
        .dependOnClassesThat(Impure.EFFECT)
        .allowEmptyShould(true);
  }

  private ArchRule calling(DescribedPredicate<JavaAccess<?>> forbidden) {
    return noClasses().that(pure()).should().accessTargetWhere(forbidden).allowEmptyShould(true);
  }

  private ArchRule named() {
    var forbidden = "(.+[.$])?(Abstract[^.$]+|[^.$]*(" + String.join("|", SUFFIXES) + "))";
    return noClasses().should().haveNameMatching(forbidden).allowEmptyShould(true);
  }

  /// One slice for each package.
  private record ByPackage(String root) implements SliceAssignment {

    @Override
    public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
      var name = javaClass.getPackageName();
      return name.startsWith(root) ? SliceIdentifier.of(name) : SliceIdentifier.ignore();
    }

    @Override
    public String getDescription() {
      return "packages of " + root;
    }
  }
}
