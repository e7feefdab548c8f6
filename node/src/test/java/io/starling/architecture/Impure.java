package io.starling.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/// What may not be touched where the same input must always give the same output.
final class Impure {

  private static final List<String> EFFECT_PACKAGES =
      List.of(
          "java.io",
          "java.net",
          "java.nio.file",
          "java.nio.channels",
          "java.util.concurrent",
          "java.util.logging",
          "java.sql",
          "org.slf4j");

  private static final Set<String> EFFECT_CLASSES =
      Set.of(
          "java.lang.Process",
          "java.lang.ProcessBuilder",
          "java.lang.ProcessHandle",
          "java.lang.Runtime",
          "java.lang.System$Logger",
          "java.lang.Thread",
          "java.lang.ThreadLocal",
          "java.util.Timer");

  /// Files, sockets, threads, loggers.
  static final DescribedPredicate<JavaClass> EFFECT =
      DescribedPredicate.describe(
          "do I/O, start threads or log",
          type ->
              EFFECT_CLASSES.contains(type.getName())
                  || EFFECT_PACKAGES.stream().anyMatch(home -> isWithin(type, home)));

  /// Time, chance and the surroundings of the process.
  static final DescribedPredicate<JavaAccess<?>> ENTROPY =
      access("the target is a source of time or chance", Impure::isEntropy);

  /// Collections that iterate in an order which their content does not determine.
  static final DescribedPredicate<JavaAccess<?>> UNORDERED =
      access("the target makes a collection without order", Impure::isUnordered);

  /// The process's own output.
  static final DescribedPredicate<JavaAccess<?>> PRINTING =
      access(
          "the target is the process's output",
          target -> is(target, "java.lang.System", "out", "err", "console"));

  private Impure() {}

  private static boolean isWithin(JavaClass type, String home) {
    return (type.getPackageName() + ".").startsWith(home + ".");
  }

  private static DescribedPredicate<JavaAccess<?>> access(
      String description, Predicate<AccessTarget> forbidden) {
    return DescribedPredicate.describe(description, access -> forbidden.test(access.getTarget()));
  }

  private static boolean is(AccessTarget target, String owner, String... names) {
    return target.getOwner().getName().equals(owner) && List.of(names).contains(target.getName());
  }

  private static int parameters(AccessTarget target) {
    return target instanceof CodeUnitAccessTarget unit ? unit.getRawParameterTypes().size() : 0;
  }

  private static boolean isEntropy(AccessTarget target) {
    return switch (target.getOwner().getName()) {
      case "java.lang.System" -> !target.getName().equals("arraycopy");
      case "java.lang.Math", "java.lang.StrictMath" -> target.getName().equals("random");
      case "java.util.UUID" -> target.getName().equals("randomUUID");
      case "java.util.Random", "java.util.SplittableRandom" ->
          target.getName().equals("<init>") && parameters(target) == 0;
      case "java.util.random.RandomGenerator" ->
          Set.of("of", "getDefault").contains(target.getName());
      case "java.util.Collections" -> target.getName().equals("shuffle") && parameters(target) == 1;
      case "java.security.SecureRandom", "java.time.Clock", "java.time.InstantSource" -> true;
      case String owner -> owner.startsWith("java.time.") && target.getName().equals("now");
    };
  }

  private static boolean isUnordered(AccessTarget target) {
    int parameters = parameters(target);
    return switch (target.getOwner().getName()) {
      case "java.util.HashMap",
          "java.util.HashSet",
          "java.util.Hashtable",
          "java.util.IdentityHashMap",
          "java.util.WeakHashMap" ->
          Set.of("<init>", "newHashMap", "newHashSet").contains(target.getName());
      // One element has one order; more are salted anew in each process.
      case "java.util.Set" ->
          is(target, "java.util.Set", "copyOf") || isSaltedSet(target, parameters);
      case "java.util.Map" ->
          is(target, "java.util.Map", "copyOf", "ofEntries")
              || (target.getName().equals("of") && parameters > 2);
      case "java.util.stream.Collectors" ->
          switch (target.getName()) {
            case "toSet", "toUnmodifiableSet", "toUnmodifiableMap", "toConcurrentMap" -> true;
            case "groupingByConcurrent" -> true;
            case "toMap" -> parameters < 4;
            case "groupingBy" -> parameters < 3;
            default -> false;
          };
      case String _ -> Set.of("parallelStream", "parallel").contains(target.getName());
    };
  }

  private static boolean isSaltedSet(AccessTarget target, int parameters) {
    return target.getName().equals("of")
        && (parameters > 1
            || (target instanceof CodeUnitAccessTarget unit
                && unit.getRawParameterTypes().stream().anyMatch(JavaClass::isArray)));
  }
}
