package io.starling.node.cli.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.terminal.Surroundings;
import io.starling.node.identity.PeerAddress;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ContextFileTest {

  private static final String SECRET = "st_abcdefghijkl_0123456789abcdefghijklmnopqrstuv";

  @TempDir private Path directory;

  private record Around(Map<String, String> environment, InputStream input)
      implements Surroundings {}

  private static Path path(Map<String, String> environment) {
    return ContextFile.of(new Around(environment, InputStream.nullInputStream())).path();
  }

  private ContextFile file() {
    return new ContextFile(directory.resolve("starling").resolve("contexts.yaml"));
  }

  private static Context context(String name) {
    return new Context(
        name,
        List.of(new PeerAddress("a.example", 7411), new PeerAddress("::1", 7411)),
        Optional.of(Path.of("/etc/ca.pem")),
        Optional.of(SECRET),
        Optional.empty(),
        Optional.of("shop"));
  }

  private static Contexts one() {
    return Contexts.none().with(context("prod")).using(Optional.of("prod"));
  }

  private ContextFile written(String text) throws Exception {
    Files.createDirectories(file().path().getParent());
    Files.writeString(file().path(), text);
    Files.setPosixFilePermissions(file().path(), PosixFilePermissions.fromString("rw-------"));
    return file();
  }

  @Test
  void whatIsWrittenIsRead() throws Exception {
    file().write(one());
    assertThat(file().read()).isEqualTo(one());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file().path())))
        .isEqualTo("rw-------");
    var around = file().path().getParent();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(around)))
        .isEqualTo("rwx------");
    assertThat(around).isDirectoryContaining("glob:**/contexts.yaml");
    try (var left = Files.list(around)) {
      assertThat(left).hasSize(1);
    }
  }

  @Test
  void whereNothingWasKeptThereAreNoContexts() throws Exception {
    assertThat(file().read()).isEqualTo(Contexts.none());
    assertThat(written("").read()).isEqualTo(Contexts.none());
    assertThat(written("contexts:\n").read()).isEqualTo(Contexts.none());
  }

  @Test
  void aTokenThatOthersCanReadIsRefused() throws Exception {
    file().write(one());
    for (var mode : List.of("rw-r-----", "rw----r--")) {
      Files.setPosixFilePermissions(file().path(), PosixFilePermissions.fromString(mode));
      assertThatThrownBy(() -> file().read())
          .isInstanceOf(CommandFailure.class)
          .hasMessageContaining("chmod 600")
          .hasMessageNotContaining(SECRET);
    }
    written("contexts: {a: {nodes: ['h:1'], tokenFile: /t}}");
    Files.setPosixFilePermissions(file().path(), PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(file().read().all()).containsOnlyKeys("a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "contexts: {a: {nodes: ['h:1'], token: " + SECRET,
        "[1]",
        "curent: a",
        "contexts: {a: {node: ['h:1']}}",
        "contexts: {a: {nodes: h}}",
        "contexts: {a: {nodes: [h]}}",
        "contexts: {a: {nodes: []}}",
        "contexts: {a: {nodes: ['h:1'], token: x, tokenFile: y}}",
        "contexts: {local: {nodes: ['h:1']}}",
        "contexts: {'a b': {nodes: ['h:1']}}",
        "current: b\ncontexts: {a: {nodes: ['h:1']}}",
        "contexts: {a: {nodes: ['h:1']}, a: {nodes: ['h:2']}}"
      })
  void whatIsDamagedIsSaidWithoutItsSecrets(String text) throws Exception {
    var damaged = written(text);
    assertThatThrownBy(damaged::read)
        .isInstanceOf(CommandFailure.class)
        .hasMessageStartingWith(damaged.path() + ": ")
        .hasMessageNotContaining(SECRET);
  }

  @Test
  void thereAreLimits() throws Exception {
    var many = new TreeMap<String, Context>();
    for (int i = 0; i <= Context.COUNT_MAX; i++) {
      many.put("c" + i, context("c" + i));
    }
    assertThatThrownBy(() -> new Contexts(Optional.empty(), many)).hasMessageContaining("at most");
    assertThatThrownBy(() -> written(" ".repeat(300 << 10)).read()).hasMessageContaining("large");
  }

  @Test
  void itIsWhereTheXdgSpecificationSays() {
    assertThat(path(Map.of("XDG_CONFIG_HOME", "/x", "HOME", "/h")))
        .isEqualTo(Path.of("/x/starling/contexts.yaml"));
    assertThat(path(Map.of("XDG_CONFIG_HOME", "relative", "HOME", "/h")))
        .isEqualTo(Path.of("/h/.config/starling/contexts.yaml"));
    assertThat(path(Map.of("HOME", "/h"))).isEqualTo(Path.of("/h/.config/starling/contexts.yaml"));
  }

  @Test
  void aTokenIsNeverShownWhole() {
    assertThat(context("prod").toString()).doesNotContain(SECRET);
    assertThat(context("prod").shownToken()).contains("st_abcdefghijkl_…");
  }
}
