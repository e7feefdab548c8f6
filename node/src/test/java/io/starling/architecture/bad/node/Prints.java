package io.starling.architecture.bad.node;

public final class Prints {
  void out() {
    System.out.println("x");
  }

  void err() {
    System.err.println("x");
  }
}
