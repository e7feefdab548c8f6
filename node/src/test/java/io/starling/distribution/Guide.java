package io.starling.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// The commands of a page: its fenced blocks whose first line, after `sh`, says which hosts they
/// run on (`every-host`, or names), and whether they are repeated `until-it-succeeds`.
///
/// A block of commands that says nothing of the kind is an error, so that none goes untried.
record Guide(List<Step> steps) {

  /// The sections with blocks that are marked `not-run`, and why they are not.
  private static final Map<String, String> NOT_RUN =
      Map.of("Backups in a bucket", "S3BackupTest has a bucket; the hosts have none");

  private static final Pattern HEADING_OR_BLOCK =
      Pattern.compile("(?ms)^#+ +([^\n]+)$|^```([^\n]*)\n(.*?)^```$");
  private static final Pattern COMMAND =
      Pattern.compile("(?m)^([$#] .*|(\\./)?(starling|systemctl|runuser|curl|export) .*)$");
  private static final String EVERY = "every-host";
  private static final String REPEATED = "until-it-succeeds";
  private static final String SKIPPED = "not-run";

  /// @param section the heading it stands under
  /// @param script as it stands on the page
  record Step(String section, List<String> hosts, boolean isRepeated, String script) {}

  /// @param hosts that may be named
  static Guide read(Path page, List<String> everyHost, List<String> hosts) throws IOException {
    var steps = new ArrayList<Step>();
    var section = "";
    var found = HEADING_OR_BLOCK.matcher(Files.readString(page));
    while (found.find()) {
      if (found.group(1) != null) {
        section = found.group(1);
        continue;
      }
      var words = new ArrayList<>(Arrays.asList(found.group(2).strip().split(" +")));
      var text = found.group(3);
      if (!words.removeFirst().equals("sh")) {
        if (COMMAND.matcher(text).find()) {
          throw new AssertionError(page + ": nobody says where this is run:\n" + text);
        }
        continue;
      }
      if (words.equals(List.of(SKIPPED)) && NOT_RUN.containsKey(section)) {
        continue;
      }
      boolean isRepeated = words.remove(REPEATED);
      var where = new ArrayList<>(words.remove(EVERY) ? everyHost : List.of());
      where.addAll(words);
      if (!hosts.containsAll(where) || where.isEmpty()) {
        throw new AssertionError(page + ": no hosts to run on: '" + words + "' of:\n" + text);
      }
      steps.add(new Step(section, List.copyOf(where), isRepeated, text));
    }
    return new Guide(List.copyOf(steps));
  }

  /// The steps under a heading, in order.
  List<Step> of(String section) {
    return steps.stream().filter(step -> step.section().equals(section)).toList();
  }

  /// The headings with steps under them, in order.
  List<String> sections() {
    return steps.stream().map(Step::section).distinct().toList();
  }
}
