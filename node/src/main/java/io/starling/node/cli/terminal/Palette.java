package io.starling.node.cli.terminal;

import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Colours for what a person should see first; none where they would be in the way.
///
/// `--color` decides, else `NO_COLOR` (https://no-color.org) and `TERM=dumb` forbid them, else they
/// are used on a terminal.
public record Palette(boolean isOn) {

  private static final String OPTION = "--color";
  private static final String RESET = "\u001b[0m";

  /// When to use colours.
  public enum When {
    AUTO,
    ALWAYS,
    NEVER;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// The option that every command has.
  public static OptionSpec option() {
    return OptionSpec.builder(OPTION)
        .paramLabel("WHEN")
        .type(When.class)
        .defaultValue(When.AUTO.toString())
        .description("colours: auto, always or never (default: auto, on a terminal only)")
        .build();
  }

  /// The colours of a command.
  public static Palette of(CommandSpec command) {
    When when =
        Optional.ofNullable(command.findOption(OPTION))
            .<When>map(OptionSpec::getValue)
            .orElse(When.AUTO);
    var around = Surroundings.of(command);
    return switch (when) {
      case ALWAYS -> new Palette(true);
      case NEVER -> new Palette(false);
      case AUTO -> {
        boolean isRefused =
            around.variable("NO_COLOR").isPresent()
                || around.variable("TERM").filter("dumb"::equals).isPresent();
        yield new Palette(!isRefused && Terminal.isOut());
      }
    };
  }

  public String good(String text) {
    return in("32", text);
  }

  public String doubtful(String text) {
    return in("33", text);
  }

  public String bad(String text) {
    return in("1;31", text);
  }

  public String faint(String text) {
    return in("2", text);
  }

  public String strong(String text) {
    return in("1", text);
  }

  private String in(String code, String text) {
    return isOn ? "\u001b[" + code + "m" + text + RESET : text;
  }
}
