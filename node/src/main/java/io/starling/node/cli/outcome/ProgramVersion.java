package io.starling.node.cli.outcome;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/// The version of the jar that this runs from.
public final class ProgramVersion implements IVersionProvider {

  /// The version, or what stands for it where there is no jar.
  public static String text() {
    return Optional.ofNullable(ProgramVersion.class.getPackage().getImplementationVersion())
        .orElse("(unpackaged)");
  }

  @Override
  public String[] getVersion() {
    return new String[] {"starling " + text()};
  }
}
