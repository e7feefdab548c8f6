package io.starling.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/// The commands of a page: its fenced blocks whose first line, after `sh`, says which hosts they
/// run on (`every-host`, or names), and whether they are repeated `until-it-succeeds`.
record Guide(List<Step> steps) {

  private static final Pattern BLOCK = Pattern.compile("(?ms)^```sh +(\\S[^\n]*)\n(.*?)^```$");
  private static final String EVERY = "every-host";
  private static final String REPEATED = "until-it-succeeds";

  /// @param script as it stands on the page
  record Step(List<String> hosts, boolean isRepeated, String script) {}

  static Guide read(Path page, List<String> everyHost) throws IOException {
    var steps = new ArrayList<Step>();
    var block = BLOCK.matcher(Files.readString(page));
    while (block.find()) {
      var words = new ArrayList<>(Arrays.asList(block.group(1).split(" +")));
      boolean isRepeated = words.remove(REPEATED);
      var hosts = words.equals(List.of(EVERY)) ? everyHost : List.copyOf(words);
      if (!everyHost.containsAll(hosts) || hosts.isEmpty()) {
        throw new AssertionError(page + ": no hosts to run on: " + block.group(1));
      }
      steps.add(new Step(hosts, isRepeated, block.group(2)));
    }
    return new Guide(List.copyOf(steps));
  }
}
