package io.starling.node.cli;

import io.starling.crdt.value.Value;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.ViewText;
import io.starling.proto.v1.SpaceEntry;
import io.starling.proto.v1.SpaceHosting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Locale;
import java.util.stream.Collectors;

/// A space as `space list` shows it.
record SpaceText(SpaceEntry space) {

  Value json() {
    var settings = space.getSettings();
    var retention = new Fields();
    if (settings.hasLogBytes()) {
      retention.put("bytes", settings.getLogBytes());
    }
    if (settings.hasLogAge()) {
      retention.put("ageSeconds", settings.getLogAge().getSeconds());
    }
    if (settings.hasLogStableAge()) {
      retention.put("stableAgeSeconds", settings.getLogStableAge().getSeconds());
    }
    var hosts =
        space.getHostsList().stream()
            .map(host -> new Fields().put("id", host.getId()).put("name", host.getName()).struct())
            .toList();
    return new Fields()
        .put("name", space.getName())
        .put("id", space.getId())
        .put("generation", space.getGeneration())
        .put("cells", space.getCells())
        .put("logBytes", space.getLogBytes())
        .put("hosting", hosting())
        .put("retention", retention.struct())
        .putTexts("members", settings.getMembersList())
        .put("hosts", hosts)
        .struct();
  }

  private String hosting() {
    var name = space.getHosting().name();
    return name.replace("SPACE_HOSTING_", "").toLowerCase(Locale.ROOT);
  }

  String line() {
    var words = new ArrayList<String>();
    words.add(
        switch (space.getHosting()) {
          case SPACE_HOSTING_ELSEWHERE -> "not here";
          case SPACE_HOSTING_LEAVING -> size() + ", moving away";
          default -> size();
        });
    words.add(space.getSettings().getMembersCount() == 0 ? "on all nodes" : "on " + hosts());
    if (space.hasSettings() && !retention().isEmpty()) {
      words.add("keeps " + retention());
    }
    return ViewText.line(space.getName()) + "  " + String.join("; ", words);
  }

  /// What is in it here, for people.
  String size() {
    return space.getCells() + " cells, " + Quantities.of(space.getLogBytes()) + " of log";
  }

  private String hosts() {
    return space.getHostsList().stream()
        .map(host -> host.getName().isEmpty() ? host.getId() : ViewText.line(host.getName()))
        .collect(Collectors.joining(", "));
  }

  private String retention() {
    var settings = space.getSettings();
    var parts = new ArrayList<String>();
    if (settings.hasLogBytes()) {
      parts.add(Quantities.of(settings.getLogBytes()) + " of log");
    }
    if (settings.hasLogAge()) {
      parts.add(age(settings.getLogAge().getSeconds()));
    }
    if (settings.hasLogStableAge()) {
      parts.add(age(settings.getLogStableAge().getSeconds()) + " of what all have");
    }
    return String.join(", ", parts);
  }

  private static String age(long seconds) {
    return Quantities.of(Duration.ofSeconds(seconds));
  }

  static boolean isHere(SpaceEntry space) {
    return space.getHosting() != SpaceHosting.SPACE_HOSTING_ELSEWHERE;
  }
}
