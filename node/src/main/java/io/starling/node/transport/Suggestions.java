package io.starling.node.transport;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.identity.PeerAddress;
import io.starling.node.peer.PeerHints.Outlook;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/// The addresses that are dialled because of a hint. Safe to use from any thread.
///
/// Bounded twice: so many are dialled, and of so many it is remembered how they were paced, whoever
/// withdraws them and suggests them again.
final class Suggestions {

  /// Addresses dialled; further ones are not.
  static final int DIALLED_MAX = 256;

  /// Addresses whose pace is remembered; the eldest go.
  static final int PACES_MAX = 1_024;

  private final Supplier<Tentative> fresh;
  private final BiFunction<PeerAddress, Persistence, Dialler> dialler;
  private final Map<PeerAddress, Dialler> dialled = new LinkedHashMap<>();
  private final Map<PeerAddress, Tentative> paces = new LinkedHashMap<>();

  /// @param fresh makes the pace of an address that is new
  /// @param dialler makes one and has it begin
  Suggestions(Supplier<Tentative> fresh, BiFunction<PeerAddress, Persistence, Dialler> dialler) {
    this.fresh = fresh;
    this.dialler = dialler;
  }

  synchronized void suggest(PeerAddress address, KeyFingerprint claimed) {
    sweep();
    var known = Optional.ofNullable(dialled.get(address));
    if (known.isEmpty() && dialled.size() >= DIALLED_MAX) {
      return;
    }
    var pace = pace(address);
    pace.claim(claimed);
    if (known.isEmpty()) {
      dialled.put(address, dialler.apply(address, pace));
    }
  }

  synchronized void withdraw(PeerAddress address, KeyFingerprint claimed) {
    var pace = Optional.ofNullable(paces.get(address));
    if (pace.isPresent() && pace.get().disclaim(claimed)) {
      Optional.ofNullable(dialled.remove(address)).ifPresent(Dialler::close);
    }
  }

  synchronized Outlook outlook(PeerAddress address) {
    return dialled.containsKey(address)
        ? Optional.ofNullable(paces.get(address)).map(Tentative::outlook).orElse(Outlook.UNTRIED)
        : Outlook.UNKNOWN;
  }

  synchronized List<Dialler> all() {
    return List.copyOf(dialled.values());
  }

  private Tentative pace(PeerAddress address) {
    var known = Optional.ofNullable(paces.get(address));
    if (known.isPresent()) {
      return known.get();
    }
    if (paces.size() >= PACES_MAX) {
      // There is one, for fewer are dialled than remembered.
      paces.keySet().stream()
          .filter(it -> !dialled.containsKey(it))
          .findFirst()
          .ifPresent(paces::remove);
    }
    var pace = fresh.get();
    paces.put(address, pace);
    return pace;
  }

  /// Lets go of those that were given up.
  private void sweep() {
    dialled.values().removeIf(it -> !it.isActive());
  }
}
