package io.starling.simulation.command;

import io.starling.simulation.exhaustive.Algebra;
import io.starling.simulation.exhaustive.Bound;
import io.starling.simulation.exhaustive.DataType;
import io.starling.simulation.exhaustive.Outcome;
import io.starling.simulation.exhaustive.Search;
import io.starling.simulation.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/// Searches all states of data types up to a bound, and tells how many there were and how long it
/// took.
public final class SearchStates {

  private SearchStates() {}

  /// One search, and its real time.
  public record Timed(Outcome outcome, long millis) {}

  /// All searches, in the order of the types.
  public record Result(Bound bound, List<Timed> searches) {

    public Result {
      searches = List.copyOf(searches);
    }

    /// Whether every law held everywhere.
    public boolean isOk() {
      return searches.stream().allMatch(it -> it.outcome().isOk());
    }

    private long states() {
      return searches.stream().mapToLong(it -> it.outcome().states()).sum();
    }
  }

  /// Searches one type after the other.
  ///
  /// @param progress sees each search as it ends
  public static Result run(List<DataType> types, Bound bound, Consumer<Timed> progress) {
    var searches = new ArrayList<Timed>();
    for (var type : types) {
      long begin = System.nanoTime();
      var outcome = Search.run(type, bound, Algebra.PRODUCTION);
      var timed = new Timed(outcome, (System.nanoTime() - begin) / 1_000_000);
      searches.add(timed);
      progress.accept(timed);
    }
    return new Result(bound, searches);
  }

  /// A line for a person; after a flaw, the shortest history that shows it as well.
  public static String line(Timed timed) {
    var outcome = timed.outcome();
    var line =
        String.format(
            Locale.ROOT,
            "%s %-16s %,11d states %,8d held %,9d joined %,9d read %6.1f s",
            outcome.isOk() ? "ok    " : "FAILED",
            outcome.type().label(),
            outcome.states(),
            outcome.held(),
            outcome.joins(),
            outcome.reads(),
            timed.millis() / 1_000.0);
    return outcome.flaw().map(story -> line + "\n" + story).orElse(line);
  }

  /// The line under all others.
  public static String summary(Result result) {
    return String.format(
        Locale.ROOT,
        "%,d states of 3 replicas, up to %d updates and %d deliveries and joins",
        result.states(),
        result.bound().updates(),
        result.bound().transfers());
  }

  /// One JSON object.
  public static String json(Result result) {
    var json = new JsonObject();
    json.raw("ok", Boolean.toString(result.isOk()));
    json.raw(
        "checks", JsonObject.array(result.searches().stream().map(SearchStates::check).toList()));
    json.number("updates", result.bound().updates());
    json.number("transfers", result.bound().transfers());
    json.number("states", result.states());
    return json.toString();
  }

  private static String check(Timed timed) {
    var outcome = timed.outcome();
    var json = new JsonObject();
    json.text("name", outcome.type().label());
    json.number("value", outcome.isOk() ? 0 : 1);
    json.number("target", 0);
    json.raw("ok", Boolean.toString(outcome.isOk()));
    json.number("states", outcome.states());
    json.number("held", outcome.held());
    json.number("joined", outcome.joins());
    json.number("read", outcome.reads());
    json.number("millis", timed.millis());
    outcome
        .flaw()
        .ifPresent(story -> {
          json.raw(
              "history", JsonObject.array(story.steps().stream().map(JsonObject::quoted).toList()));
          json.text("flaw", story.flaw());
        });
    return json.toString();
  }
}
