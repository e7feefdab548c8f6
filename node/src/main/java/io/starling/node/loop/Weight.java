package io.starling.node.loop;

import io.starling.crdt.cell.Path;
import io.starling.crdt.value.Value;
import io.starling.replica.message.Message;
import io.starling.replica.message.Transfer;
import io.starling.replica.request.Mutation;
import java.util.List;

/// Roughly how many bytes something takes while it waits.
final class Weight {

  private static final long OBJECT = 48;
  private static final long HEAD = 64;
  // What was read of a cell, beside its bytes, path and replicas.
  private static final long READ = 256;

  private Weight() {}

  static long of(List<Mutation> mutations) {
    return OBJECT + mutations.stream().mapToLong(Weight::of).sum();
  }

  static long of(Message message) {
    return OBJECT
        + switch (message) {
          case Message.Batches batches ->
              batches.batches().stream().mapToLong(batch -> 2L * batch.bytes() + OBJECT).sum();
          case Message.Announcement said -> said.beacon().body().length + HEAD;
          case Message.Pull pull -> pull.have().heads().size() * HEAD;
          case Message.Ask(_, var token) -> 64L + 40L * token.heads().size();
          case Message.Acknowledged _ -> 256;
          case Message.Behind _ -> HEAD;
          case Message.Evidence evidence ->
              HEAD * evidence.held().size()
                  + evidence.halves().stream().mapToLong(it -> 2L * it.bytes() + OBJECT).sum();
          case Message.Transferred transferred -> of(transferred.transfer());
        };
  }

  private static long of(Transfer transfer) {
    return switch (transfer) {
      case Transfer.Page page -> page.bytes() + ofRows(page.rows());
      case Transfer.Ask(var groups, _) -> 24L * groups.size();
      case Transfer.Offer offer ->
          HEAD * (offer.token().heads().size() + offer.hashesFrom().size())
              + 1_600L * offer.groups().size();
      case Transfer.Leaves leaves ->
          leaves.buckets().stream().mapToLong(it -> OBJECT + 24L * it.leaves().size()).sum();
      case Transfer.Compare(var token, var from, _, _) ->
          HEAD * (token.heads().size() + from.size());
      case Transfer.Fetch(var token) -> HEAD * token.heads().size();
      case Transfer.Compared compared ->
          HEAD * (compared.now().heads().size() + compared.hashesFrom().size());
      case Transfer.Get _, Transfer.Looking _, Transfer.Refused _ -> HEAD;
    };
  }

  /// Beside their bytes. A page has a thousand, so this is a loop.
  private static long ofRows(List<Transfer.Row> rows) {
    long weight = OBJECT * rows.size();
    for (var row : rows) {
      if (row instanceof Transfer.Row.CellRow cell && cell.cell().isPresent()) {
        var read = cell.cell().get();
        weight += READ + of(read.path()) + OBJECT * read.replicas().size();
      }
    }
    return weight;
  }

  private static long of(Mutation mutation) {
    return of(mutation.path())
        + switch (mutation) {
          case Mutation.Set set -> of(set.value());
          case Mutation.AddElement add -> of(add.element());
          case Mutation.RemoveElement remove -> of(remove.element());
          case Mutation.Merge merge -> of(merge.patch());
          case Mutation.Reset reset -> reset.seen().map(seen -> seen.size() * 2L * HEAD).orElse(0L);
          case Mutation.Increment _, Mutation.SetFlag _, Mutation.Remove _ -> 0;
        };
  }

  private static long of(Path path) {
    long weight = OBJECT + path.key().length();
    for (var field : path.fields()) {
      weight += OBJECT + field.length();
    }
    return weight;
  }

  private static long of(Value value) {
    return OBJECT
        + switch (value) {
          case Value.Null _, Value.Bool _, Value.Int _, Value.Real _ -> 0;
          case Value.Decimal decimal -> decimal.value().precision();
          case Value.Text text -> text.value().length();
          case Value.Array array -> array.items().stream().mapToLong(Weight::of).sum();
          case Value.Struct struct ->
              struct.fields().entrySet().stream()
                  .mapToLong(field -> field.getKey().length() + OBJECT + of(field.getValue()))
                  .sum();
        };
  }
}
