package io.starling.node.tracing;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceId;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import io.starling.node.loop.LoopObserver;
import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.request.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// Traces the loop of one space.
///
/// A client's call gets spans for its wait in the queue, for the engine's turn and for the synced
/// write, the latter two shared with all that were made durable together. Each batch is a trace of
/// its own, whose ids are the first bytes of its hash: so the spans in which each node has applied
/// it come together without a byte more on the wire, and nodes that send a share of their traces
/// send the same batches. The synced write of a call is linked to the trace of its batch.
final class LoopSpans implements LoopObserver {

  private final Tracer tracer;
  private final Sampler share;
  private final String space;
  private final Map<Long, Waiting> waiting = new ConcurrentHashMap<>();

  // Of the event that the loop has in hand; touched by its thread only.
  private final Map<Long, Waiting> taken = new TreeMap<>();
  private List<SignedBatch> batches = new ArrayList<>();
  private Period engine = Period.none();
  private Optional<Period> persist = Optional.empty();
  private boolean isOwnTurn;

  /// @param share which traces are sent, by their ids
  LoopSpans(Tracer tracer, Sampler share, String space) {
    this.tracer = tracer;
    this.share = share;
    this.space = space;
  }

  private record Waiting(Context call, Instant since) {}

  private record Period(Instant from, Instant to) {
    static Period none() {
      return new Period(Instant.EPOCH, Instant.EPOCH);
    }

    static Period ending(Duration took) {
      var now = Instant.now();
      return new Period(now.minus(took), now);
    }
  }

  @Override
  public void submitted(long submission) {
    var call = Context.current();
    if (Span.fromContext(call).isRecording()) {
      waiting.put(submission, new Waiting(call, Instant.now()));
    }
  }

  @Override
  public void withdrawn(long submission) {
    waiting.remove(submission);
  }

  @Override
  public void handling(Event event) {
    taken.clear();
    batches = new ArrayList<>();
    persist = Optional.empty();
    isOwnTurn = event instanceof Event.Submitted;
    if (event instanceof Event.Submitted(var submissions)) {
      for (var submission : submissions) {
        Optional.ofNullable(waiting.remove(submission.id()))
            .ifPresent(it -> taken.put(submission.id(), it));
      }
    }
  }

  @Override
  public void worked(Duration took) {
    engine = Period.ending(took);
  }

  @Override
  public void persisted(Duration took) {
    persist = Optional.of(Period.ending(took));
  }

  @Override
  public void applied(Effect.Applied applied) {
    batches.add(applied.batch());
    boolean isOwn = isOwnTurn;
    var context = context(applied.batch());
    var builder =
        tracer
            .spanBuilder(isOwn ? "batch" : "apply")
            .setSpanKind(isOwn ? SpanKind.PRODUCER : SpanKind.CONSUMER)
            .setStartTimestamp(engine.from());
    var span =
        isOwn
            ? ChosenIds.INSTANCE.with(
                context.getTraceId(), context.getSpanId(), builder.setNoParent()::startSpan)
            : builder.setParent(Context.root().with(Span.wrap(context))).startSpan();
    describe(span, applied.batch());
    span.end();
  }

  @Override
  public void answered(long submission, Outcome outcome) {
    var client = Optional.ofNullable(taken.remove(submission));
    client
        .or(() -> Optional.ofNullable(waiting.remove(submission)))
        .ifPresent(it -> tell(it, client.isPresent(), outcome));
  }

  private void tell(Waiting client, boolean isTaken, Outcome outcome) {
    var queueEnd = isTaken ? engine.from() : Instant.now();
    span(client.call(), "queue", new Period(client.since(), queueEnd))
        .end(nanos(queueEnd), TimeUnit.NANOSECONDS);
    if (!isTaken) {
      return;
    }
    var turn = span(client.call(), "engine", engine);
    if (outcome instanceof Outcome.Refused(var reason, _)) {
      turn.setAttribute("starling.refused", reason.name()).setStatus(StatusCode.ERROR);
    }
    turn.end(nanos(engine.to()), TimeUnit.NANOSECONDS);
    if (outcome instanceof Outcome.Committed && persist.isPresent()) {
      var period = persist.get();
      var write = span(client.call(), "persist", period);
      for (var batch : batches) {
        write.addLink(context(batch));
        describe(write, batch);
      }
      write.end(nanos(period.to()), TimeUnit.NANOSECONDS);
    }
  }

  private Span span(Context parent, String name, Period period) {
    return tracer
        .spanBuilder(name)
        .setParent(parent)
        .setStartTimestamp(period.from())
        .startSpan()
        .setAttribute("starling.space", space);
  }

  private void describe(Span span, SignedBatch signed) {
    var batch = signed.batch();
    span.setAttribute("starling.space", space)
        .setAttribute("starling.replica", batch.replica().toString())
        .setAttribute("starling.seq", batch.seq())
        .setAttribute("starling.operations", batch.operations())
        .setAttribute("starling.bytes", signed.bytes());
  }

  /// Whose ids every node knows that has the batch.
  private SpanContext context(SignedBatch batch) {
    var hash = batch.hash().toString();
    int end = TraceId.getLength();
    var trace = hash.substring(0, end);
    var span = hash.substring(end, end + SpanId.getLength());
    var decision =
        share
            .shouldSample(
                Context.root(), trace, "batch", SpanKind.PRODUCER, Attributes.empty(), List.of())
            .getDecision();
    boolean isSent = decision == SamplingDecision.RECORD_AND_SAMPLE;
    return SpanContext.createFromRemoteParent(
        trace,
        span,
        isSent ? TraceFlags.getSampled() : TraceFlags.getDefault(),
        TraceState.getDefault());
  }

  private static long nanos(Instant at) {
    return TimeUnit.SECONDS.toNanos(at.getEpochSecond()) + at.getNano();
  }
}
