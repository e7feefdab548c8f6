package io.starling.node.config;

import java.io.Serial;

/// A configuration that cannot be used. The message names the setting and says what it should be.
public final class ConfigException extends Exception {

  @Serial private static final long serialVersionUID = 1;

  public ConfigException(String message) {
    super(message);
  }

  public ConfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
