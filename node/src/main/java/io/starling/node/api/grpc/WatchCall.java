package io.starling.node.api.grpc;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.starling.crdt.read.View;
import io.starling.node.api.wire.WireViews;
import io.starling.node.space.Space;
import io.starling.node.space.Spaces;
import io.starling.node.space.Watch;
import io.starling.node.space.WatchEvent;
import io.starling.proto.v1.Cut;
import io.starling.proto.v1.Entry;
import io.starling.proto.v1.Ping;
import io.starling.proto.v1.Resync;
import io.starling.proto.v1.ResyncCause;
import io.starling.proto.v1.WatchRequest;
import io.starling.proto.v1.WatchResponse;
import io.starling.replica.message.Token;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// One watch over gRPC.
///
/// The watch's virtual thread waits here until the transport has room. So a slow client holds one
/// answer here, and the watch merges for it what happens meanwhile.
final class WatchCall implements Watch.Listener {

  // An answer that has grown to this is sent.
  private static final long ANSWER_BYTES = 256 * 1024;
  private static final int ANSWER_EVENTS = 1_000;

  // A client that takes nothing for so long is let go; it can resume.
  private static final Duration TAKING_MAX = Duration.ofSeconds(30);

  private final Caller caller;
  private final Spaces spaces;
  private final WatchRequest request;
  private final ServerCallStreamObserver<WatchResponse> out;
  private final Semaphore wakeUps = new Semaphore(0);
  private final CompletableFuture<Watch> watch = new CompletableFuture<>();
  private WatchResponse.Builder gathered = WatchResponse.newBuilder();
  private long gatheredBytes;
  private boolean isOver;

  private WatchCall(
      Caller caller,
      Spaces spaces,
      WatchRequest request,
      ServerCallStreamObserver<WatchResponse> out) {
    this.caller = caller;
    this.spaces = spaces;
    this.request = request;
    this.out = out;
  }

  /// Starts a watch that ends with the call.
  static void start(
      Caller caller,
      Spaces spaces,
      WatchRequest request,
      ServerCallStreamObserver<WatchResponse> out)
      throws StatusException {
    var space = caller.readable(spaces, request.getSpace());
    var from = from(request);
    var call = new WatchCall(caller, spaces, request, out);
    out.setOnReadyHandler(call.wakeUps::release);
    out.setOnCancelHandler(call::cancelled);
    call.begin(space, from);
  }

  private static Watch.From from(WatchRequest request) throws StatusException {
    var resume = ReadTokens.read(request.getResume());
    if (resume.isPresent() && request.getChangesOnly()) {
      throw Refusals.invalid(
          "'resume' and 'changes_only' exclude each other: a watch that resumes has no state to"
              + " leave out");
    }
    if (resume.isPresent()) {
      return new Watch.From.Resume(resume.get());
    }
    return request.getChangesOnly() ? new Watch.From.Now() : new Watch.From.State();
  }

  private void begin(Space space, Watch.From from) {
    watch.complete(space.watch(request.getPrefix(), from, this));
  }

  private void cancelled() {
    wakeUps.release();
    var _ = watch.thenAccept(Watch::close);
  }

  @Override
  public void tell(WatchEvent event) throws InterruptedException {
    if (isOver) {
      return;
    }
    gather(message(event));
    boolean isHandedOn =
        switch (event) {
          case WatchEvent.Row _, WatchEvent.Change _, WatchEvent.SnapshotBegin _ -> false;
          case WatchEvent.SnapshotEnd _, WatchEvent.Resync _ -> false;
          case WatchEvent.UpToDate _, WatchEvent.Ping _ -> true;
        };
    if (isHandedOn) {
      send();
    }
  }

  private void gather(io.starling.proto.v1.WatchEvent event) throws InterruptedException {
    int bytes = event.getSerializedSize();
    boolean isFull =
        gatheredBytes + bytes > ANSWER_BYTES || gathered.getEventsCount() >= ANSWER_EVENTS;
    if (isFull && gathered.getEventsCount() > 0) {
      send();
    }
    gathered.addEvents(event);
    gatheredBytes += bytes;
  }

  private void send() throws InterruptedException {
    try {
      caller.again().readable(spaces, request.getSpace());
      awaitRoom();
      if (!isOver) {
        out.onNext(gathered.build());
      }
      gathered = WatchResponse.newBuilder();
      gatheredBytes = 0;
    } catch (StatusException withdrawn) {
      end(withdrawn);
    }
  }

  private void awaitRoom() throws InterruptedException, StatusException {
    while (!out.isReady() && !out.isCancelled()) {
      if (!wakeUps.tryAcquire(TAKING_MAX.toMillis(), TimeUnit.MILLISECONDS) && !out.isReady()) {
        throw slow();
      }
    }
  }

  private io.starling.proto.v1.WatchEvent message(WatchEvent event) {
    var message = io.starling.proto.v1.WatchEvent.newBuilder();
    return switch (event) {
      case WatchEvent.SnapshotBegin(var token) -> message.setSnapshotBegin(cut(token)).build();
      case WatchEvent.Row(var key, var view) -> message.setRow(entry(key, view)).build();
      case WatchEvent.SnapshotEnd(var token) -> message.setSnapshotEnd(cut(token)).build();
      case WatchEvent.Change(var key, var view) -> message.setChange(entry(key, view)).build();
      case WatchEvent.UpToDate(var token) -> message.setUpToDate(cut(token)).build();
      case WatchEvent.Resync(var cause) ->
          message.setResync(Resync.newBuilder().setCause(cause(cause))).build();
      case WatchEvent.Ping() -> message.setPing(Ping.getDefaultInstance()).build();
    };
  }

  private static ResyncCause cause(WatchEvent.Cause cause) {
    return switch (cause) {
      case BEHIND_LOG -> ResyncCause.RESYNC_CAUSE_BEHIND_LOG;
      case TOO_MANY_CHANGES -> ResyncCause.RESYNC_CAUSE_TOO_MANY_CHANGES;
    };
  }

  private static Cut cut(Token token) {
    return Cut.newBuilder().setToken(ReadTokens.write(token)).build();
  }

  private Entry entry(String key, Optional<View> view) {
    var reading =
        view.map(it -> Readings.fitting(WireViews.reading(it, request.getForm())))
            .orElse(WireViews.TOO_LARGE);
    return Entry.newBuilder().setKey(key).setReading(reading).build();
  }

  @Override
  public void ended(Watch.End end) {
    end(
        switch (end) {
          case SLOW -> slow();
          case TOO_MANY ->
              Refusals.of(
                  Status.Code.RESOURCE_EXHAUSTED,
                  "RESOURCE_EXHAUSTED",
                  "too many watches on this node; watch on another, or later");
          case FOREIGN_TOKEN -> Refusals.foreignToken();
          case NOT_YET ->
              Refusals.of(
                  Status.Code.UNAVAILABLE,
                  "NOT_YET",
                  "this node has not applied what the token covers; resume on another, or later");
          case UNAVAILABLE ->
              Refusals.of(
                  Status.Code.UNAVAILABLE,
                  "UNAVAILABLE",
                  "this node's store cannot be read now; resume on another, or later");
          case DROPPED ->
              Refusals.of(
                  Status.Code.NOT_FOUND,
                  "DROPPED",
                  "the space was dropped, and all that was in it; there is nothing to resume");
          case MOVED ->
              Refusals.of(
                  Status.Code.FAILED_PRECONDITION,
                  "MOVED",
                  "this node hosts the space no longer; resume on one that does: ListSpaces says"
                      + " which");
          case STOPPING ->
              Refusals.of(
                  Status.Code.UNAVAILABLE,
                  "STOPPING",
                  "this node stops; resume on another, or here later");
        });
  }

  private static StatusException slow() {
    return Refusals.of(
        Status.Code.ABORTED,
        "SLOW",
        "the answers were not taken in time; resume with the last token");
  }

  private void end(StatusException status) {
    if (!isOver && !out.isCancelled()) {
      isOver = true;
      out.onError(status);
    }
    var _ = watch.thenAccept(Watch::close);
  }
}
