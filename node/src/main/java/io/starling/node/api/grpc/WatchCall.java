package io.starling.node.api.grpc;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.starling.node.api.wire.WireViews;
import io.starling.node.space.Space;
import io.starling.node.space.Spaces;
import io.starling.node.space.Watch;
import io.starling.proto.v1.Entry;
import io.starling.proto.v1.Form;
import io.starling.proto.v1.WatchRequest;
import io.starling.proto.v1.WatchResponse;
import io.starling.replica.message.Token;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/// One watch over gRPC.
///
/// The listener's virtual thread waits until the transport has room before it takes the next part,
/// and only then tells the watch that it is ready. So a slow client holds one part here, and the
/// watch merges for it what happens meanwhile.
final class WatchCall implements Watch.Listener {

  private final Caller caller;
  private final Spaces spaces;
  private final WatchRequest request;
  private final ServerCallStreamObserver<WatchResponse> out;
  private final Semaphore wakeUps = new Semaphore(0);
  private final CompletableFuture<Watch> watch = new CompletableFuture<>();
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
    var resume = ReadTokens.read(request.getResume());
    var call = new WatchCall(caller, spaces, request, out);
    out.setOnReadyHandler(call.wakeUps::release);
    out.setOnCancelHandler(call::cancelled);
    call.begin(space, resume);
  }

  // The token is taken before the watch begins: what happens in between is told, not lost.
  private void begin(Space space, Optional<Token> resume) {
    var from = resume.orElseGet(() -> space.status().token());
    out.onNext(part(List.of(), from, true));
    watch.complete(space.watch(request.getPrefix(), Optional.of(from), this));
  }

  private void cancelled() {
    wakeUps.release();
    var _ = watch.thenAccept(Watch::close);
  }

  @Override
  public void changed(List<Watch.Change> changes, Token token, boolean last) {
    if (isOver) {
      return;
    }
    try {
      caller.again().readable(spaces, request.getSpace());
      send(changes, token, last);
      if (last) {
        awaitRoom();
        watch.join().ready();
      }
    } catch (StatusException withdrawn) {
      end(withdrawn);
      watch.join().close();
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      ended(Watch.End.STOPPING);
    }
  }

  // A part of up to 1 000 changes may be more than one answer holds.
  private void send(List<Watch.Change> changes, Token token, boolean last)
      throws InterruptedException {
    var part = WatchResponse.newBuilder().setToken(ReadTokens.write(token));
    long bytes = 0;
    for (var change : changes) {
      var entry = entry(change, request.getForm());
      bytes += entry.getSerializedSize();
      if (bytes > Readings.ANSWER_BYTES_MAX) {
        awaitRoom();
        out.onNext(part.setLast(false).build());
        part.clearChanges();
        bytes = entry.getSerializedSize();
      }
      part.addChanges(entry);
    }
    awaitRoom();
    out.onNext(part.setLast(last).build());
  }

  private void awaitRoom() throws InterruptedException {
    while (!out.isReady() && !out.isCancelled()) {
      wakeUps.acquire();
    }
  }

  private static WatchResponse part(List<Entry> changes, Token token, boolean last) {
    return WatchResponse.newBuilder()
        .addAllChanges(changes)
        .setToken(ReadTokens.write(token))
        .setLast(last)
        .build();
  }

  private static Entry entry(Watch.Change change, Form form) {
    var reading = Readings.fitting(WireViews.reading(change.view(), form));
    return Entry.newBuilder().setKey(change.key()).setReading(reading).build();
  }

  @Override
  public void ended(Watch.End end) {
    end(
        switch (end) {
          case OVERRUN ->
              Refusals.of(
                  Status.Code.ABORTED,
                  "OVERRUN",
                  "more keys changed than are kept for a slow client; resume with the last token");
          case BEHIND_LOG ->
              Refusals.of(
                  Status.Code.OUT_OF_RANGE,
                  "BEHIND_LOG",
                  "the log no longer reaches back to the token; "
                      + "read everything, then watch from the token of that read");
          case FOREIGN_TOKEN -> Refusals.foreignToken();
          case NOT_YET ->
              Refusals.of(
                  Status.Code.UNAVAILABLE,
                  "NOT_YET",
                  "this node has not applied what the token covers; resume on another, or later");
          case TOO_LARGE ->
              Refusals.of(
                  Status.Code.FAILED_PRECONDITION,
                  "TOO_LARGE",
                  "a key under the prefix is too large to be read at once; watch a narrower prefix");
          case STOPPING ->
              Refusals.of(
                  Status.Code.UNAVAILABLE,
                  "STOPPING",
                  "this node stops; resume on another, or here later");
        });
  }

  private void end(StatusException status) {
    if (!isOver && !out.isCancelled()) {
      isOver = true;
      out.onError(status);
    }
  }
}
