package io.starling.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// Scripts of the operating system.
final class Commands {

  private Commands() {}

  /// Runs one, which must succeed, and returns what it said.
  static String run(String script) throws IOException, InterruptedException {
    var process =
        new ProcessBuilder("bash", "-euo", "pipefail", "-c", script)
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("failed: " + script + "\n" + said);
    }
    return said;
  }
}
