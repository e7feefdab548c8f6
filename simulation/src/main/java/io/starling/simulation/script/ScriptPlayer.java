package io.starling.simulation.script;

import io.starling.replica.request.Mutation;
import io.starling.simulation.network.LinkOptions;
import io.starling.simulation.world.CrashPoint;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/// Does to a world what a script says, until it is told to stop.
public final class ScriptPlayer {

  /// What writes to nodes that are down count as.
  public static final String NOT_TAKEN = "writes of the script not taken";

  private final World world;
  private final Script script;
  private final BiConsumer<SimulatedSpace, Mutation> client;
  private final List<Step> active = new ArrayList<>();
  private boolean isOver;

  /// @param client writes to a space
  public ScriptPlayer(World world, Script script, BiConsumer<SimulatedSpace, Mutation> client) {
    this.world = world;
    this.script = script;
    this.client = client;
  }

  /// Has all steps come at their times.
  public void start() {
    if (script.isNone()) {
      return;
    }
    setLinks();
    for (var step : script.steps()) {
      at(step.span().from(), () -> begin(step));
      at(step.span().until(), () -> end(step));
    }
  }

  /// Nothing more is done; whoever calls it mends the world.
  public void stop() {
    isOver = true;
    active.clear();
  }

  private void at(Duration time, Runnable what) {
    world
        .agenda()
        .after(
            time.toNanos(),
            () -> {
              if (!isOver) {
                what.run();
              }
            });
  }

  private void begin(Step step) {
    world.note("script", step.text());
    active.add(step);
    switch (step) {
      case Step.Split _, Step.OneWay _ -> cutLinks();
      case Step.Slow _ -> setLinks();
      case Step.Stop stop ->
          stop.nodes().stream().map(world.nodes()::get).forEach(node -> node.crash(CrashPoint.NOW));
      case Step.Write write -> write(write);
      case Step.Pause(var span, var nodes, _) ->
          nodes.stream()
              .map(world.nodes()::get)
              .forEach(node -> node.pause(span.until().minus(span.from()).toNanos()));
    }
  }

  private void write(Step.Write write) {
    var node = world.nodes().get(write.node());
    if (node.isUp()) {
      client.accept(node.main(), write.mutation());
    } else {
      world.counts().add(NOT_TAKEN);
      world.note("script", "not taken, for the node is down: " + write.text());
    }
  }

  private void end(Step step) {
    world.note("script", "over: " + step.text());
    active.remove(step);
    switch (step) {
      case Step.Split _, Step.OneWay _ -> cutLinks();
      case Step.Slow _ -> setLinks();
      case Step.Stop(_, var nodes, _) ->
          nodes.stream().filter(node -> !isStopped(node)).forEach(this::startAgain);
      case Step.Pause _, Step.Write _ -> {}
    }
  }

  private boolean isStopped(int node) {
    return active.stream()
        .anyMatch(step -> step instanceof Step.Stop stop && stop.nodes().contains(node));
  }

  private void startAgain(int number) {
    var node = world.nodes().get(number);
    if (!node.isUp()) {
      node.start();
    }
    long now = world.agenda().nowNanos();
    active.stream()
        .filter(step -> step instanceof Step.Pause pause && pause.nodes().contains(number))
        .forEach(step -> node.pause(step.span().until().toNanos() - now));
  }

  private void cutLinks() {
    forEachLink((from, to) -> {
      boolean isCut = active.stream().anyMatch(step -> cuts(step, from, to));
      if (isCut != world.network().isCut(from, to)) {
        world.connections().cut(from, to, isCut, false);
      }
    });
  }

  private static boolean cuts(Step step, int from, int to) {
    return switch (step) {
      case Step.Split split -> {
        int one = groupOf(split, from);
        int other = groupOf(split, to);
        yield one >= 0 && other >= 0 && one != other;
      }
      case Step.OneWay oneWay -> oneWay.from().contains(from) && oneWay.to().contains(to);
      case Step.Stop _, Step.Pause _, Step.Slow _, Step.Write _ -> false;
    };
  }

  private static int groupOf(Step.Split split, int node) {
    return IntStream.range(0, split.groups().size())
        .filter(group -> split.groups().get(group).contains(node))
        .findFirst()
        .orElse(-1);
  }

  private void setLinks() {
    forEachLink((from, to) -> world.network().options(from, to, options(from, to)));
  }

  private LinkOptions options(int from, int to) {
    var slow =
        active.stream()
            .filter(Step.Slow.class::isInstance)
            .map(Step.Slow.class::cast)
            .filter(step -> isBetween(step, from, to) || isBetween(step, to, from))
            .reduce((_, later) -> later);
    boolean isLocal = script.regions().region(from).equals(script.regions().region(to));
    var usual = isLocal ? LinkOptions.GOOD : link(script.wan(), 0);
    return slow.map(step -> link(step.delay(), step.lossPerMille())).orElse(usual);
  }

  private static boolean isBetween(Step.Slow slow, int a, int b) {
    return slow.one().contains(a) && slow.other().contains(b);
  }

  /// A tenth of the delay more, on average, by chance.
  private static LinkOptions link(Duration delay, int lossPerMille) {
    return new LinkOptions(lossPerMille, 0, 0, 0, 0, delay, delay.dividedBy(10), Duration.ZERO);
  }

  private interface LinkVisitor {
    void visit(int from, int to);
  }

  private void forEachLink(LinkVisitor visitor) {
    int nodes = script.regions().nodes();
    for (int from = 0; from < nodes; from++) {
      for (int to = 0; to < nodes; to++) {
        if (from != to) {
          visitor.visit(from, to);
        }
      }
    }
  }
}
