package io.starling.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.node.access.TokenFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Enrolment as docs/enrolment.md tells it.
final class MemberCommandTest {

  @TempDir private Path directory;

  private String path(String name) {
    return directory.resolve(name).toString();
  }

  @Test
  void theFirstNodeOfAClusterJoinsWithAnAdministrator() throws Exception {
    Shell.run("cluster", "init", path("authority")).orFail();
    var asked =
        Shell.run("member", "join", path("n"), "--name", "alpha", "--address", "127.0.0.1")
            .orFail();
    var request = path("n/identity/join-request.pem");
    var invited =
        Shell.run("member", "invite", path("authority"), request, "-o", path("invitation"))
            .orFail();
    // The operator compares what both ends print.
    var node = asked.lines().findFirst().orElseThrow().replaceFirst(";.*", "");
    assertThat(node).matches("node alpha [0-9a-f]{32}");
    assertThat(invited).startsWith(node + "\n");

    var joined =
        Shell.run("member", "join", path("n"), "--invitation", path("invitation"), "--admin");

    assertThat(joined.orFail()).contains("is a member of").contains("admin.token");
    assertThat(TokenFile.read(directory.resolve("n"))).isPresent();
    assertThat(Files.getPosixFilePermissions(directory.resolve("n/admin.token"))).hasSize(2);
  }

  @Test
  void anotherNodeJoinsWithout() throws Exception {
    Shell.run("cluster", "init", path("authority")).orFail();
    var early = Shell.run("member", "join", path("n"), "--name", "b", "--address", "b", "--admin");
    assertThat(early.exit()).isEqualTo(2);
    assertThat(directory.resolve("n")).doesNotExist();
    Shell.run("member", "join", path("n"), "--name", "b", "--address", "b").orFail();
    var request = path("n/identity/join-request.pem");
    Shell.run("member", "invite", path("authority"), request, "-o", path("invitation")).orFail();
    Shell.run("member", "join", path("n"), "--invitation", path("invitation")).orFail();
    assertThat(TokenFile.read(directory.resolve("n"))).isEmpty();
  }
}
