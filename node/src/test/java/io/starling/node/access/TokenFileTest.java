package io.starling.node.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenFileTest {

  @TempDir private Path directory;

  @Test
  void theFileIsForItsOwnerAlone() throws IOException {
    var token = TokenFile.create(directory);
    var mode = Files.getPosixFilePermissions(directory.resolve(TokenFile.NAME));
    assertThat(PosixFilePermissions.toString(mode)).isEqualTo("rw-------");
    assertThat(TokenFile.read(directory)).contains(token);
  }

  @Test
  void aTokenThatIsThereStays() throws IOException {
    assertThat(TokenFile.create(directory)).isEqualTo(TokenFile.create(directory));
  }

  @Test
  void anotherFileIsNotTakenForOne() throws IOException {
    assertThat(TokenFile.read(directory)).isEmpty();
    Files.writeString(directory.resolve(TokenFile.NAME), "something");
    assertThatThrownBy(() -> TokenFile.read(directory)).hasMessageContaining("holds no token");
  }
}
