package io.starling.node.hosting;

import io.starling.node.loop.LoopObserver;
import io.starling.replica.Effect;
import io.starling.replica.message.Token;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Passes on that `_system` has advanced.
final class SystemObserver implements LoopObserver {

  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final Runnable advanced;

  /// @param advanced to be run when anything in `_system` may have changed
  SystemObserver(Runnable advanced) {
    this.advanced = advanced;
  }

  /// Is told, on the thread of `_system`'s loop, that keys which begin with a prefix have changed.
  private record Listener(String prefix, Runnable changed) {}

  void whenChanged(String prefix, Runnable changed) {
    listeners.add(new Listener(prefix, changed));
  }

  @Override
  public void applied(Effect.Applied batch) {
    for (var listener : listeners) {
      var from = batch.keys().tailSet(listener.prefix());
      if (!from.isEmpty() && from.first().startsWith(listener.prefix())) {
        listener.changed().run();
      }
    }
    advanced.run();
  }

  @Override
  public void adopted(Token token) {
    reopened(token);
  }

  @Override
  public void reopened(Token before) {
    listeners.forEach(listener -> listener.changed().run());
    advanced.run();
  }
}
