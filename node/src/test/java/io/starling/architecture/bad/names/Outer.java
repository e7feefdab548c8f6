package io.starling.architecture.bad.names;

final class Outer {
  static final class InnerImpl {}
}
