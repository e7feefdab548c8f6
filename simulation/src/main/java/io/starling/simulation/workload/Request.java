package io.starling.simulation.workload;

import io.starling.replica.message.Token;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.simulation.world.SimulatedSpace;
import java.util.List;
import java.util.Optional;

/// A transaction that a client has submitted, and what became of it.
public final class Request {

  private static final String PRINCIPAL = "request/";

  private final long id;
  private final SimulatedSpace space;
  private final Optional<Token> context;
  private final List<Mutation> mutations;
  private Optional<Outcome> outcome = Optional.empty();
  private boolean isUnknown;

  Request(long id, SimulatedSpace space, Optional<Token> context, List<Mutation> mutations) {
    this.id = id;
    this.space = space;
    this.context = context;
    this.mutations = List.copyOf(mutations);
  }

  public long id() {
    return id;
  }

  /// Who asks: names the request in the batch, so that it can be found there.
  public String principal() {
    return PRINCIPAL + id;
  }

  /// The id that a principal names; 0 if it is none of a request.
  public static long id(String principal) {
    return principal.startsWith(PRINCIPAL)
        ? Long.parseLong(principal.substring(PRINCIPAL.length()))
        : 0;
  }

  /// Where it was submitted.
  public SimulatedSpace space() {
    return space;
  }

  public Optional<Token> context() {
    return context;
  }

  public List<Mutation> mutations() {
    return mutations;
  }

  /// The answer, if there was one.
  public Optional<Outcome> outcome() {
    return outcome;
  }

  /// Whether its node stopped before it answered: it may have happened or not.
  public boolean isUnknown() {
    return isUnknown;
  }

  /// Whether it was acknowledged and wrote something.
  public boolean isWritten() {
    return outcome
        .map(answer -> answer instanceof Outcome.Committed(_, int operations, _) && operations > 0)
        .orElse(false);
  }

  /// Whether it was refused.
  public boolean isRefused() {
    return outcome.map(Outcome.Refused.class::isInstance).orElse(false);
  }

  void answer(Outcome answer) {
    outcome = Optional.of(answer);
  }

  void lose() {
    isUnknown = true;
  }
}
