package io.starling.architecture.bad.simulation;

import io.starling.architecture.bad.node.Prints;

final class KnowsTheProduct {
  Prints prints = new Prints();
}
