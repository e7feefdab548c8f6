package io.starling.simulation.command;

import io.starling.simulation.bank.BugBank;
import io.starling.simulation.bank.BugBank.Hunt;
import io.starling.simulation.bank.Mutant;
import io.starling.simulation.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/// Hunts for every planted bug, and tells how long each hunt took.
public final class HuntBugs {

  private HuntBugs() {}

  /// One hunt, and its real time.
  public record Timed(Hunt hunt, long millis) {}

  /// All hunts, in the order of the bank.
  public record Result(List<Timed> hunts) {

    public Result {
      hunts = List.copyOf(hunts);
    }

    /// Whether each bug was found.
    public boolean isOk() {
      return hunts.stream().allMatch(it -> it.hunt().isFound());
    }

    /// How many seeds the hunts took, in the middle.
    public int medianSeeds() {
      var seeds = hunts.stream().map(it -> it.hunt().seeds()).sorted().toList();
      return seeds.get(seeds.size() / 2);
    }
  }

  /// Hunts for all.
  ///
  /// @param progress sees each hunt as it ends
  public static Result run(Consumer<Timed> progress) {
    var hunts = new ArrayList<Timed>();
    for (var mutant : Mutant.values()) {
      long begin = System.nanoTime();
      var hunt = BugBank.hunt(mutant, BugBank.SEEDS_MAX);
      var timed = new Timed(hunt, (System.nanoTime() - begin) / 1_000_000);
      hunts.add(timed);
      progress.accept(timed);
    }
    return new Result(hunts);
  }

  /// One line for a person: the bug, the seeds and time that it took, and the check that saw it.
  public static String line(Timed timed) {
    var hunt = timed.hunt();
    return String.format(
        Locale.ROOT,
        "%s %-36s %-12s %3d %5.1f s  %s",
        hunt.isFound() ? "found   " : "SURVIVES",
        hunt.mutant().label(),
        hunt.mutant().scenario().label(),
        hunt.seeds(),
        timed.millis() / 1_000.0,
        hunt.finding().map(HuntBugs::check).orElse(""));
  }

  /// The line under all others.
  public static String summary(Result result) {
    long found = result.hunts().stream().filter(it -> it.hunt().isFound()).count();
    return found
        + " of "
        + result.hunts().size()
        + " planted bugs found; seeds each took: "
        + result.medianSeeds()
        + " in the middle, "
        + result.hunts().stream().mapToInt(it -> it.hunt().seeds()).max().orElse(0)
        + " at most";
  }

  /// One JSON object.
  public static String json(Result result) {
    var json = new JsonObject();
    json.raw("ok", Boolean.toString(result.isOk()));
    json.raw("checks", JsonObject.array(result.hunts().stream().map(HuntBugs::bug).toList()));
    json.number("medianSeeds", result.medianSeeds());
    return json.toString();
  }

  private static String bug(Timed timed) {
    var hunt = timed.hunt();
    var json = new JsonObject();
    json.text("name", hunt.mutant().label());
    json.number("value", hunt.seeds());
    json.number("target", BugBank.SEEDS_MAX);
    json.raw("ok", Boolean.toString(hunt.isFound()));
    json.text("story", hunt.mutant().story());
    json.text("scenario", hunt.mutant().scenario().label());
    json.number("millis", timed.millis());
    hunt.finding().ifPresent(finding -> json.text("finding", finding));
    return json.toString();
  }

  /// What stands before the colon of a finding is the name of the check.
  private static String check(String finding) {
    int end = finding.indexOf(": ");
    return end < 0 ? finding : finding.substring(0, end);
  }
}
