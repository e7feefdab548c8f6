package io.starling.architecture.bad.cycle.one;

import io.starling.architecture.bad.cycle.two.Two;

public final class One {
  Class<?> other = Two.class;
}
