package io.starling.architecture.bad.simulation.command;

/// What the rules must leave alone: outside the world, output and time are nobody's secret.
public final class AllowedCommand {
  void print() {
    System.out.println(System.nanoTime());
  }
}
