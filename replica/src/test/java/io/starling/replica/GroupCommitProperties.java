package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.cell.Path;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.replica.message.Token;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Submission;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/// Group commit changes no meaning: the same submissions, in one event or in many, in one batch or
/// in many, are accepted and refused alike and read alike, here and elsewhere.
class GroupCommitProperties {

  @Property(tries = 300)
  void oneEventOrManyReadTheSame(@ForAll long seed) {
    var random = new Random(seed);
    var together = new Cluster(2);
    var apart = new Cluster(2);
    for (int step = 0; step < 4; step++) {
      // The context is what both clusters' clients read before the group.
      var group = group(random);
      var readTogether = together.member(0).reader().token();
      var readApart = apart.member(0).reader().token();
      var outcomes = together.member(0).submit(submissions(group, readTogether));
      var others = new ArrayList<Outcome>();
      for (var one : submissions(group, readApart)) {
        others.addAll(apart.member(0).submit(List.of(one)));
      }
      assertThat(summaries(outcomes)).isEqualTo(summaries(others));
      assertSameReads(together, apart);
    }
    together.deliverAll();
    apart.deliverAll();
    assertSameReads(together, apart);
    for (var cluster : List.of(together, apart)) {
      assertThat(cluster.member(1).status().digest())
          .isEqualTo(cluster.member(0).status().digest());
      StateCheck.holds(cluster.member(0));
      StateCheck.holds(cluster.member(1));
    }
  }

  private record Wish(boolean isEdit, List<Mutation> mutations) {}

  private static List<Wish> group(Random random) {
    var group = new ArrayList<Wish>();
    int count = 1 + random.nextInt(5);
    for (int i = 0; i < count; i++) {
      group.add(new Wish(random.nextInt(3) == 0, RandomMutations.some(random)));
    }
    return group;
  }

  private static List<Submission> submissions(List<Wish> group, Token read) {
    return group.stream()
        .map(wish ->
            new Submission(
                0, "p", wish.isEdit ? Optional.of(read) : Optional.empty(), wish.mutations))
        .toList();
  }

  private static List<String> summaries(List<Outcome> outcomes) {
    return outcomes.stream()
        .map(outcome ->
            switch (outcome) {
              case Outcome.Committed(_, int operations, _) -> "committed " + operations;
              case Outcome.Refused(var reason, var message) -> reason + " " + message;
            })
        .toList();
  }

  /// Dots and stamps differ, of course: what is compared is what a reader makes of them.
  private static void assertSameReads(Cluster together, Cluster apart) {
    for (int i = 0; i < 2; i++) {
      for (var key : RandomMutations.KEYS) {
        assertThat(plain(together.member(i).view(key))).isEqualTo(plain(apart.member(i).view(key)));
      }
    }
  }

  private static Object plain(View view) {
    return switch (view) {
      case View.Absent() -> "absent";
      case View.Register register ->
          List.of(
              register.toValue(),
              register.values().values().stream().map(a -> a.value() + " " + a.rule()).toList());
      case View.Counter(long total, var shares) ->
          List.of(total, shares.stream().map(NamedTally::share).toList());
      case View.Flag _ -> new Value.Bool(true);
      case View.Elements(_, var elements, _) -> elements;
      case View.Fields(var fields) ->
          fields.entrySet().stream()
              .map(field -> List.of(field.getKey(), plain(field.getValue())))
              .toList();
      case View.Conflict(var views) ->
          views.entrySet().stream()
              .map(one -> List.of(one.getKey(), plain(one.getValue())))
              .toList();
    };
  }

  @Property(tries = 30)
  void aViewOfAPathIsThatPartOfTheViewOfItsKey(@ForAll long seed) {
    var random = new Random(seed);
    var member = new Cluster(1).member(0);
    for (int step = 0; step < 20; step++) {
      member.submit(
          List.of(new Submission(0, "p", Optional.empty(), RandomMutations.some(random))));
    }
    for (var key : RandomMutations.KEYS) {
      for (var field : List.of("f", "g")) {
        var whole = fields(member.view(key));
        var part = member.reader().view(Path.of(key).field(field), 1_000);
        assertThat(part).isEqualTo(whole.getOrDefault(field, new View.Absent()));
      }
    }
  }

  private static Map<String, View> fields(View view) {
    return switch (view) {
      case View.Fields(var fields) -> fields;
      case View.Conflict(var views) ->
          views.values().stream()
              .filter(View.Fields.class::isInstance)
              .findFirst()
              .map(GroupCommitProperties::fields)
              .orElse(Map.of());
      default -> Map.of();
    };
  }
}
