package io.starling.architecture.bad.simulation.world;

final class Sleeps {
  void sleep() throws InterruptedException {
    Thread.sleep(1);
  }
}
