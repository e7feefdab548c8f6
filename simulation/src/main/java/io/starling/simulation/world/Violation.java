package io.starling.simulation.world;

import java.io.Serial;

/// Something happened that must never happen. The run ends with it.
public final class Violation extends RuntimeException {

  @Serial private static final long serialVersionUID = 1;

  private final String check;

  /// @param check the name of the check that found it
  public Violation(String check, String message) {
    super(message);
    this.check = check;
  }

  public Violation(String check, String message, Throwable cause) {
    super(message, cause);
    this.check = check;
  }

  /// The name of the check that found it.
  public String check() {
    return check;
  }

  /// What was found.
  public String finding() {
    return String.valueOf(getMessage());
  }
}
