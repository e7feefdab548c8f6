package io.starling.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The archive, unpacked into an empty folder, with JDK 25 and the system's own commands at hand.
final class DistributionTest {

  @TempDir private static Path directory;
  private static Path home;

  private record Result(int exit, String out) {}

  @BeforeAll
  static void unpack() throws Exception {
    var archive = Path.of(System.getProperty("starling.archive", "none"));
    assertThat(archive).as("made by: mvn -Pdist package").isRegularFile();
    assertThat(run(Map.of(), "tar", "-xzf", archive.toString(), "-C", directory.toString()).exit())
        .isZero();
    try (var entries = Files.list(directory)) {
      home =
          entries
              .filter(it -> it.getFileName().toString().startsWith("starling-"))
              .findFirst()
              .orElseThrow();
    }
  }

  @Test
  void everyJarOnTheClassPathIsThereAndNoOther() throws Exception {
    var lib = home.resolve("lib");
    try (var jars = Files.list(lib);
        var node = new JarFile(only(lib, "starling-node-").toFile())) {
      var named = node.getManifest().getMainAttributes().getValue("Class-Path").split(" ");
      assertThat(jars.map(it -> it.getFileName().toString()))
          .filteredOn(name -> !name.startsWith("starling-node-"))
          .containsExactlyInAnyOrder(named);
    }
  }

  @Test
  void nativeLibrariesAreThoseOfLinuxWithGlibcAlone() throws Exception {
    try (var rocksdb = new JarFile(only(home.resolve("lib"), "rocksdbjni-").toFile())) {
      assertThat(rocksdb.stream().map(ZipEntry::getName))
          .filteredOn(name -> name.matches(".*\\.(so|dll|jnilib)"))
          .containsExactlyInAnyOrder("librocksdbjni-linux64.so", "librocksdbjni-linux-aarch64.so");
    }
  }

  @Test
  void licenceDocumentsAndConfigurationsAreInIt() {
    for (var file :
        List.of(
            "LICENSE",
            "docs/operations.md",
            "cluster-configs/README.md",
            "cluster-configs/systemd/starling.service",
            "cluster-configs/container/node.yaml")) {
      assertThat(home.resolve(file)).isRegularFile();
    }
    for (var script : List.of("bin/starling", "cluster-configs/container/node.sh")) {
      assertThat(home.resolve(script)).isExecutable();
    }
  }

  @Test
  void itRunsFromAnywhereThroughALinkAndWithoutACache() throws Exception {
    var link = Files.createSymbolicLink(directory.resolve("link"), home.resolve("bin/starling"));
    var version = run(Map.of(), link.toString(), "--version");
    assertThat(version.out()).contains("0.1.0");
    assertThat(version.exit()).isZero();
  }

  @Test
  void withoutAJavaThatFitsItSaysWhatToInstall() throws Exception {
    // As if no place it looks at had one.
    var result =
        run(Map.of(), "bash", "-c", "source '%s/bin/starling'; require_java false".formatted(home));
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.out()).startsWith("starling: needs JDK 25; install Temurin 25");
  }

  @Test
  void theCacheIsMadeOnceUsedQuietlyAndPassedOverWhenItDoesNotFit() throws Exception {
    var shown = Map.of("STARLING_JVM_ARGS", "-XX:+PrintCommandLineFlags");
    var launcher = home.resolve("bin/starling").toString();
    assertThat(run(shown, launcher, "--version").out()).doesNotContain("AOTCache");
    assertThat(run(Map.of(), launcher, "install").out()).contains("made ");
    assertThat(run(Map.of(), launcher, "install").out()).as("made already").isEmpty();
    var cache = home.resolve("cache/starling.aot");
    assertThat(run(shown, launcher, "--version").out()).contains("-XX:AOTCache=" + cache);

    Files.write(cache, Arrays.copyOf(Files.readAllBytes(cache), 1 << 20));
    assertThat(run(Map.of(), launcher, "--version").out()).as("damaged").hasLineCount(1);

    Files.setLastModifiedTime(only(home.resolve("lib"), "guava-"), FileTime.fromMillis(0));
    assertThat(run(shown, launcher, "--version").out()).as("stale").doesNotContain("AOTCache");
  }

  @Test
  void nodesInContainersMakeTheirKeysAndAreAdmitted() throws Exception {
    var scripts = home.resolve("cluster-configs/container");
    var places = new ArrayList<Path>();
    for (var name : List.of("authority", "requests", "invitations")) {
      places.add(Files.createDirectories(directory.resolve("containers").resolve(name)));
    }
    var admission = new ArrayList<>(List.of(scripts.resolve("admit.sh").toString()));
    places.forEach(place -> admission.add(place.toString()));
    admission.addAll(List.of("one", "two"));
    var admitting = begin(Map.of(), admission);
    for (var name : List.of("one", "two")) {
      var environment =
          Map.of(
              "NODE_NAME",
              name,
              "NODE_FIRST",
              "one",
              "NODE_ADDRESSES",
              name + " localhost",
              "NODE_DIRECTORY",
              directory.resolve("containers/" + name).toString(),
              "NODE_REQUESTS",
              places.get(1).toString(),
              "NODE_INVITATIONS",
              places.get(2).toString());
      var enrolled = run(environment, scripts.resolve("node.sh").toString(), "enrol");
      assertThat(enrolled.out()).contains("node " + name + " is a member of");
      assertThat(enrolled.exit()).isZero();
      var again = run(environment, scripts.resolve("node.sh").toString(), "enrol");
      assertThat(again).isEqualTo(new Result(0, ""));
    }
    assertThat(admitting.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(admitting.exitValue()).isZero();
    assertThat(directory.resolve("containers/one/admin.token")).exists();
    assertThat(directory.resolve("containers/two/admin.token")).doesNotExist();
  }

  private static Path only(Path folder, String prefix) throws IOException {
    try (var entries = Files.list(folder)) {
      var found = entries.filter(it -> it.getFileName().toString().startsWith(prefix)).toList();
      assertThat(found).hasSize(1);
      return found.getFirst();
    }
  }

  private static Process begin(Map<String, String> environment, List<String> command)
      throws IOException {
    var builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/bin:/bin");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    return builder
        .redirectErrorStream(true)
        .redirectInput(Path.of("/dev/null").toFile())
        .redirectOutput(Files.createTempFile(directory, "out", ".txt").toFile())
        .start();
  }

  private static Result run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    var builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/bin:/bin");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    var process = builder.redirectErrorStream(true).start();
    process.getOutputStream().close();
    var out = new String(process.getInputStream().readAllBytes());
    return new Result(process.waitFor(), out);
  }
}
