package io.starling.architecture.bad.cycle.two;

import io.starling.architecture.bad.cycle.one.One;

public final class Two {
  Class<?> other = One.class;
}
