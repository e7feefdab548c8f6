package io.starling.simulation.workload;

import io.starling.simulation.chance.Draws;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What clients are about.
public enum WorkloadKind {
  /// A few keys of each type, and one at which types collide.
  MIXED {
    @Override
    Changes changes(Draws draws, int keys) {
      return new MutationDraws(draws, keys);
    }
  },

  /// Nothing but what a script says.
  NONE {
    @Override
    Changes changes(Draws draws, int keys) {
      return new LastWordOnly();
    }
  },

  /// A shop: stocks, prices, carts, orders.
  SHOP {
    @Override
    Changes changes(Draws draws, int keys) {
      return new ShopDraws(draws);
    }
  };

  abstract Changes changes(Draws draws, int keys);

  /// As the command line has it.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<WorkloadKind> find(String label) {
    return Arrays.stream(values()).filter(it -> it.label().equals(label)).findFirst();
  }
}
