package io.starling.node.hosting;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.node.member.Member;
import io.starling.node.member.Members;
import io.starling.node.space.SpaceChange;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What is written into `_system` about spaces. Each statement is made of what one snapshot showed
/// and replaces nothing else: a drop that this node has not heard of stands beside it.
final class SpaceStatements {

  private static final int TRIES_MAX = 5;

  private final ClusterId cluster;
  private final HostedSpace system;
  private final SpaceDocuments documents;
  private final Members members;
  private final InstantSource clock;

  SpaceStatements(
      ClusterId cluster,
      HostedSpace system,
      SpaceDocuments documents,
      Members members,
      InstantSource clock) {
    this.cluster = cluster;
    this.system = system;
    this.documents = documents;
    this.members = members;
    this.clock = clock;
  }

  /// What to write, or an answer without writing.
  private sealed interface Plan {
    record Write(Token context, List<Mutation> mutations) implements Plan {}

    record Answer(Outcome outcome) implements Plan {}
  }

  CompletionStage<Outcome> create(String principal, String name, SpaceChange change) {
    return submit(
        principal,
        name,
        change,
        seen -> {
          if (seen.space().isCreated()) {
            return done();
          }
          long count = documents.all().values().stream().filter(SpaceRecord::isCreated).count();
          // `_system` is one, too.
          if (count + 1 >= HostedSpaces.SPACES_MAX) {
            return refuse(
                Outcome.Reason.RESOURCE_EXHAUSTED,
                "there are " + HostedSpaces.SPACES_MAX + " spaces, the most allowed");
          }
          long generation = seen.space().generation();
          var record = new TreeMap<String, Value>();
          record.put("created", new Value.Int(clock.millis()));
          record.put("by", new Value.Text(principal));
          var mutations = new ArrayList<Mutation>();
          mutations.add(
              new Mutation.Set(
                  SpaceRecord.created(name, generation),
                  new Value.Struct(record),
                  ReadRule.LATEST));
          if (!change.equals(SpaceChange.NONE)) {
            mutations.add(settings(name, generation, change));
          }
          return new Plan.Write(seen.token(), mutations);
        });
  }

  CompletionStage<Outcome> change(String principal, String name, SpaceChange change) {
    return submit(
        principal,
        name,
        change,
        seen ->
            seen.space().isCreated()
                ? new Plan.Write(
                    seen.token(), List.of(settings(name, seen.space().generation(), change)))
                : refuse(Outcome.Reason.NOT_FOUND, "there is no space '" + name + "'"));
  }

  CompletionStage<Outcome> drop(String principal, String name, Optional<SpaceId> meant) {
    return submit(
        principal,
        name,
        SpaceChange.NONE,
        seen -> {
          if (!seen.space().isCreated()) {
            return refuse(
                Outcome.Reason.NOT_FOUND,
                seen.space()
                    .dropped()
                    .map(at -> "the space '" + name + "' was dropped already, at " + at)
                    .orElse("there is no space '" + name + "'"));
          }
          long generation = seen.space().generation();
          var present = SpaceId.of(cluster, name, generation);
          if (meant.isPresent() && !meant.get().equals(present)) {
            return refuse(
                Outcome.Reason.FAILED_PRECONDITION,
                "'"
                    + name
                    + "' is another space by now: its id is "
                    + present
                    + "; nothing was dropped");
          }
          return new Plan.Write(
              seen.token(),
              List.of(
                  new Mutation.Set(
                      SpaceRecord.dropped(name),
                      SpaceDocuments.drop(generation, clock.instant(), principal),
                      ReadRule.ALL),
                  new Mutation.Remove(SpaceRecord.created(name, generation)),
                  new Mutation.Remove(SpaceRecord.settings(name, generation))));
        });
  }

  private Mutation settings(String name, long generation, SpaceChange change) {
    var patch = SpaceDocuments.patch(change, change.members().map(this::keys));
    return new Mutation.Merge(SpaceRecord.settings(name, generation), patch, true);
  }

  private CompletionStage<Outcome> submit(
      String principal, String name, SpaceChange change, Function<SpaceDocuments.Seen, Plan> plan) {
    var objection = objection(name, change);
    return objection.isPresent()
        ? CompletableFuture.completedStage(
            new Outcome.Refused(Outcome.Reason.INVALID_ARGUMENT, objection.get()))
        : submit(principal, name, plan, TRIES_MAX);
  }

  private CompletionStage<Outcome> submit(
      String principal, String name, Function<SpaceDocuments.Seen, Plan> plan, int tries) {
    return switch (plan.apply(documents.see(name))) {
      case Plan.Answer(var outcome) -> CompletableFuture.completedStage(outcome);
      case Plan.Write(var context, var mutations) ->
          system
              .submit(principal, Optional.of(context), mutations)
              .thenCompose(outcome ->
                  isOutdated(outcome) && tries > 1
                      ? submit(principal, name, plan, tries - 1)
                      : CompletableFuture.completedStage(outcome));
    };
  }

  /// Whether something was written meanwhile that would have been removed.
  private static boolean isOutdated(Outcome outcome) {
    return outcome instanceof Outcome.Refused(var reason, _) && reason == Outcome.Reason.ABORTED;
  }

  private Optional<String> objection(String name, SpaceChange change) {
    if (!SpaceDocuments.NAME.matcher(name).matches()) {
      return Optional.of(
          name.equals(SpaceId.SYSTEM)
              ? "'_system' lists the spaces; it is on every node, and always as the configuration says"
              : "a space's name is 1 to 64 of a-z 0-9 - _ . and does not begin with _");
    }
    boolean isMoved = change.members().isPresent() || change.reset().contains(SpaceChange.MEMBERS);
    if (name.equals(SpaceId.MAIN) && isMoved) {
      return Optional.of("'main' is on every node; create a space for what is to be on some alone");
    }
    return change.objection().or(() -> objection(change.members().orElse(List.of())));
  }

  private Optional<String> objection(List<String> names) {
    for (var name : names) {
      long meant = named(name).size();
      if (meant == 0) {
        return Optional.of(
            "there is no member '"
                + name
                + "'; there are "
                + members.all().stream().map(Member::name).collect(Collectors.joining(", ")));
      }
      if (meant > 1) {
        return Optional.of("several members are called '" + name + "'; name one by its id");
      }
    }
    return Optional.empty();
  }

  private List<Member> named(String name) {
    return members.all().stream()
        .filter(it -> it.name().equals(name) || it.key().toString().equals(name))
        .toList();
  }

  private List<KeyFingerprint> keys(List<String> names) {
    return names.stream()
        .flatMap(name -> named(name).stream())
        .map(Member::key)
        .distinct()
        .sorted()
        .toList();
  }

  private Plan done() {
    return new Plan.Answer(new Outcome.Committed(system.loop().applied(), 0));
  }

  private static Plan refuse(Outcome.Reason reason, String message) {
    return new Plan.Answer(new Outcome.Refused(reason, message));
  }
}
