package io.starling.architecture;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What no other tool checks of the files; each method lists its offenders as `path:line: text`.
record Tidiness(TreeFiles files) {

  // Spelled in halves, so that these lines do not offend themselves.
  private static final Pattern UNKEPT_PROMISE =
      Pattern.compile("\\b(FIX" + "ME|TO" + "DO|XX" + "X)\\b(?!\\s*\\(?#\\d+)");

  private static final Pattern PRIVATE_PATH =
      Pattern.compile("(?<![\\w.~})-])/(wo" + "rk|ro" + "ot|home/\\w+|Users/\\w+)/");

  private static final Pattern SNAPSHOT = Pattern.compile("-SNAP" + "SHOT\\b");

  private static final Pattern SWITCHED_OFF =
      Pattern.compile("@(Disabled|Ignore|EnabledIf|DisabledIf|EnabledOn|DisabledOn)\\w*\\b");

  // What is abstract is run by what extends it.
  private static final Pattern HAS_TESTS =
      Pattern.compile(
          "(?s)\\A(?!.*^(public )?(abstract class|interface) )"
              + ".*^\\s*@(Test|Property|FuzzTest|ParameterizedTest|Example)\\b",
          Pattern.MULTILINE);

  private static final Pattern LINK = Pattern.compile("(?<!\\\\)\\[[^\\]]*]\\(([^)\\s]+)\\)");

  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6}\\s+(.+?)\\s*$");

  private static final Pattern FENCED = Pattern.compile("(?ms)^\\s*```.*?^\\s*```");

  List<String> unkeptPromises() {
    return lines(path -> !isNamed(path, "package-lock.json"), UNKEPT_PROMISE);
  }

  List<String> privatePaths() {
    return lines(_ -> true, PRIVATE_PATH);
  }

  List<String> snapshots() {
    return lines(path -> isNamed(path, "pom.xml"), SNAPSHOT);
  }

  List<String> switchedOffTests() {
    return lines(path -> path.toString().contains("src/test/"), SWITCHED_OFF).stream()
        .filter(line -> !line.contains("io/starling/architecture/"))
        .toList();
  }

  /// Classes with tests that the build does not run, for it goes by names.
  List<String> unrunTests() {
    return files.texts().entrySet().stream()
        .filter(file -> file.getKey().toString().contains("src/test/java/"))
        .filter(file -> HAS_TESTS.matcher(file.getValue()).find())
        .map(file -> file.getKey().toString())
        .filter(name -> !name.endsWith("Test.java") && !name.endsWith("Properties.java"))
        .toList();
  }

  /// Folders with sources of the product that no `package-info.java` describes.
  List<String> undescribedPackages() {
    var packages = new TreeSet<Path>();
    for (var path : files.named(".java")) {
      if (path.toString().contains("src/main/java")) {
        packages.add(path.getParent());
      }
    }
    return packages.stream().filter(folder -> !isDescribed(folder)).map(Path::toString).toList();
  }

  private boolean isDescribed(Path folder) {
    var text = files.texts().getOrDefault(folder.resolve("package-info.java"), "");
    return text.startsWith("/// ") && text.contains("@NullMarked");
  }

  /// Relative links in documents that lead nowhere, and anchors without a heading.
  List<String> deadLinks() {
    var dead = new ArrayList<String>();
    for (var path : files.named(".md")) {
      var prose = FENCED.matcher(files.texts().get(path)).replaceAll("");
      LINK.matcher(prose)
          .results()
          .map(link -> link.group(1))
          .filter(link -> !resolves(path, link))
          .forEach(link -> dead.add(path + ": " + link));
    }
    return dead;
  }

  private boolean resolves(Path from, String link) {
    if (link.matches("[a-z]+:.*")) {
      return true;
    }
    int hash = link.indexOf('#');
    var file = hash < 0 ? link : link.substring(0, hash);
    var target = file.isEmpty() ? from : from.resolveSibling(file).normalize();
    if (!Files.exists(files.root().resolve(target))) {
      return false;
    }
    return hash < 0 || anchors(target).anyMatch(link.substring(hash + 1)::equals);
  }

  private Stream<String> anchors(Path document) {
    return HEADING
        .matcher(files.texts().getOrDefault(document, ""))
        .results()
        .map(heading -> heading.group(1).toLowerCase(java.util.Locale.ROOT))
        .map(text -> text.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'));
  }

  private List<String> lines(Predicate<Path> looked, Pattern offence) {
    var found = new ArrayList<String>();
    files
        .texts()
        .forEach((path, text) -> {
          if (looked.test(path)) {
            int number = 0;
            for (var line : text.lines().toList()) {
              number++;
              if (offence.matcher(line).find()) {
                found.add(path + ":" + number + ": " + line.strip());
              }
            }
          }
        });
    return found;
  }

  private static boolean isNamed(Path path, String name) {
    return path.getFileName().toString().equals(name);
  }
}
