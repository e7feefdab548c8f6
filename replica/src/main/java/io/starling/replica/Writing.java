package io.starling.replica;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.message.Message;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Submission;
import io.starling.replica.write.Author;
import java.util.ArrayList;
import java.util.List;

/// Makes batches of what clients submit, and of what this node has to say itself, under its own
/// incarnation.
final class Writing {

  private final Parts parts;
  private final Outbox outbox;
  private final OwnIncarnation own;
  private final Applying applying;
  private final long nowMillis;

  Writing(Parts parts, Outbox outbox, OwnIncarnation own, Applying applying, long nowMillis) {
    this.parts = parts;
    this.outbox = outbox;
    this.own = own;
    this.applying = applying;
    this.nowMillis = nowMillis;
  }

  void submitted(List<Submission> submissions) {
    if (isClockOff()) {
      refuseAll(submissions, parts.peers.clockOffMillis(nowMillis));
      return;
    }
    var incarnation = begin();
    var written = parts.author.write(submissions, incarnation, parts.clock.last());
    var batches = wrote(written);
    var token = parts.state.origins().token();
    // That nothing had to change is remembered under its name, as any other outcome.
    if (submissions.stream().anyMatch(it -> it.request().key().isPresent())) {
      outbox.staged();
    }
    for (var submission : submissions) {
      var refused = written.refused().get(submission.id());
      int operations = written.operations().getOrDefault(submission.id(), 0);
      boolean isRepeat = written.repeats().contains(submission.id());
      outbox.answer(
          submission.id(),
          refused != null ? refused : new Outcome.Committed(token, operations, isRepeat));
    }
    publish(batches);
  }

  /// Names what is applied here of revoked members, so that it stands everywhere.
  void testify() {
    if (!isClockOff()) {
      var incarnation = begin();
      publish(wrote(parts.author.testify(incarnation, parts.clock.last())));
    }
  }

  /// What is held of a revoked member shall stand.
  void adopting(long submission, KeyFingerprint revoked) {
    int before = outbox.applied();
    if (parts.standing.isRevoked(revoked)) {
      parts.standing.adopt(revoked);
      applying.drain();
      parts.standing.adoptedAll();
    }
    int adopted = outbox.applied() - before;
    outbox.answer(submission, new Outcome.Committed(parts.state.origins().token(), adopted));
  }

  /// Whether this node's clock is further off those of its peers than is allowed.
  boolean isClockOff() {
    long off = Math.abs(parts.peers.clockOffMillis(nowMillis));
    return off > parts.setup.limits().drift().toMillis();
  }

  private ReplicaId begin() {
    own.endIfForked();
    parts.clock = parts.clock.tick(nowMillis);
    return parts.incarnations.current();
  }

  private List<SignedBatch> wrote(Author.Written written) {
    parts.state.cells().flush();
    var batches = new ArrayList<SignedBatch>();
    for (var batch : written.batches()) {
      outbox.applied(batch.batch(), batch.keys());
      batches.add(batch.batch());
    }
    return batches;
  }

  private void publish(List<SignedBatch> batches) {
    var reachable = parts.peers.reachable();
    if (!batches.isEmpty() && !reachable.isEmpty()) {
      for (var batch : batches) {
        outbox.send(
            reachable,
            new Message.Batches(parts.setup.space(), List.of(batch), Message.Part.FRESH));
      }
      parts.announcer.said();
    }
  }

  private void refuseAll(List<Submission> submissions, long offMillis) {
    var outcome =
        new Outcome.Refused(
            Outcome.Reason.UNAVAILABLE,
            "this node's clock is "
                + offMillis
                + " ms off the median of its peers; set the clock, or write on another node");
    submissions.forEach(it -> outbox.answer(it.id(), outcome));
  }
}
