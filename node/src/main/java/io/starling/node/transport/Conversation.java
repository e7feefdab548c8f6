package io.starling.node.transport;

import io.grpc.Status;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.encoding.MalformedException;
import io.starling.node.identity.NodeCertificate;
import io.starling.node.transport.PeerStream.Side;
import io.starling.proto.peer.v1.Echo;
import io.starling.proto.peer.v1.Frame;
import io.starling.proto.peer.v1.Hello;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is said on one stream: a Hello from each end, then frames in any order.
///
/// Frames are taken by one thread at a time, in order: gRPC asks for the next one when this one has
/// been dealt with, which is also what holds a fast sender back.
final class Conversation {

  private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);

  /// A peer is asked for certificates no more often.
  private static final long ASK_EVERY_NANOS = 1_000_000_000L;

  /// Begins what a member that has left is told.
  private static final String DEPARTED = "departed: this node is no member any more: ";

  private final Switchboard board;
  private final PeerStream stream;
  private final NodeCertificate peer;
  private final long begun = System.nanoTime();
  private volatile Optional<Link> link = Optional.empty();
  private volatile boolean isBusy;
  private volatile boolean isSelf;
  private volatile long heardNanos = System.nanoTime();
  private volatile Optional<Long> probedNanos = Optional.empty();
  private Optional<Long> departedNanos = Optional.empty();
  private Optional<Long> askedNanos = Optional.empty();

  Conversation(Switchboard board, PeerStream stream, NodeCertificate peer) {
    this.board = board;
    this.stream = stream;
    this.peer = peer;
  }

  /// Takes the next frame.
  void take(Frame frame) {
    isBusy = true;
    try {
      if (!stream.isOpen()) {
        // Closed from this end, for what came before; what was on the way still is not wanted.
        return;
      }
      if (link.isPresent()) {
        link.get().counters().in(frame);
        on(link.get(), frame);
      } else if (frame.hasHello()) {
        greet(frame);
      } else {
        refuse(Refusal.PROTOCOL, "it speaks before its Hello");
      }
    } finally {
      heardNanos = System.nanoTime();
      isBusy = false;
    }
  }

  /// The network takes more.
  void drain() {
    link.ifPresent(Link::drain);
  }

  /// The stream has ended.
  void ended() {
    stream.ended();
    link.ifPresent(open -> open.detach(stream));
    board.forget(this);
  }

  /// Some time has passed: says that this end is alive, and closes the stream if the other is not.
  void tick() {
    var timing = board.limits().timing();
    long now = System.nanoTime();
    if (link.isEmpty() && now - begun > timing.helloWithin().toNanos()) {
      refuse(Refusal.PROTOCOL, "it has said no Hello within " + timing.helloWithin());
    } else if (!isBusy && now - heardNanos > timing.silence().toNanos()) {
      close(Status.DEADLINE_EXCEEDED, "nothing was heard for " + timing.silence());
    } else if (link.isPresent() && isOverdue(now)) {
      dismiss(board.departed(peer.fingerprint()).orElse(Instant.EPOCH));
    } else if (link.isPresent() && stream.isReady()) {
      send(echo(now, false));
    }
  }

  /// Whether the peer left a while ago. Not at once: it waits for somebody to confirm that, and
  /// then ends by itself.
  private boolean isOverdue(long now) {
    if (board.departed(peer.fingerprint()).isEmpty()) {
      departedNanos = Optional.empty();
      return false;
    }
    if (departedNanos.isEmpty()) {
      departedNanos = Optional.of(now);
    }
    return now - departedNanos.get() > TransportLimits.FAREWELL.toNanos();
  }

  private void dismiss(Instant left) {
    board
        .refusals()
        .add(Refusal.DEPARTED, peer.name() + " (" + peer.fingerprint() + ")", departure(left));
    close(Status.FAILED_PRECONDITION, DEPARTED + departure(left));
  }

  private static String departure(Instant left) {
    return "it left the cluster on " + left + "; to come back it joins anew, with a new key";
  }

  /// Whether a stream was closed with these words because this node has left.
  static boolean isDismissal(Status status) {
    return status.getCode() == Status.Code.FAILED_PRECONDITION
        && Optional.ofNullable(status.getDescription()).orElse("").startsWith(DEPARTED);
  }

  /// Whether it is with a peer, and both ends have said Hello.
  boolean isWith(KeyFingerprint key) {
    return link.isPresent() && peer.fingerprint().equals(key);
  }

  /// Asks for a sign of life, because someone says that the peer is gone.
  ///
  /// @return whether it is asked by this call. A stream that takes nothing more for now is left to
  ///   the rule of silence: a question would wait behind all else
  synchronized boolean probe() {
    if (probedNanos.isPresent() || !stream.isReady()) {
      return false;
    }
    long now = System.nanoTime();
    probedNanos = Optional.of(now);
    send(echo(now, false));
    return true;
  }

  private synchronized void answered(long mark) {
    if (probedNanos.equals(Optional.of(mark))) {
      probedNanos = Optional.empty();
    }
  }

  /// The time for an answer is over: closes the stream if it has not come, and neither has anything
  /// else for half of that time. A peer that has much to send need not get round to answers; and
  /// what was under way when the peer went is no sign of life.
  synchronized void judge() {
    var asked = probedNanos;
    probedNanos = Optional.empty();
    long latest = System.nanoTime() - TransportLimits.PROBE_WITHIN.toNanos() / 2;
    if (asked.isPresent() && !isBusy && heardNanos - latest < 0) {
      LOG.info("peer {} is said to be gone and gives no sign of life", peer.name());
      close(Status.DEADLINE_EXCEEDED, "no sign of life within " + TransportLimits.PROBE_WITHIN);
    }
  }

  void close(Status status, String why) {
    stream.close(status.withDescription(why));
    ended();
  }

  /// Whether both ends have said Hello.
  boolean isGreeted() {
    return link.isPresent();
  }

  /// Whether this node has dialled itself.
  boolean isSelf() {
    return isSelf;
  }

  private void greet(Frame first) {
    var hello = first.getHello();
    var objection = board.greeting().objection(hello);
    if (objection.isPresent()) {
      refuse(Refusal.PROTOCOL, objection.get());
    } else if (peer.fingerprint().equals(board.self())) {
      greetSelf(hello);
    } else if (board.departed(peer.fingerprint()).isPresent()) {
      dismiss(board.departed(peer.fingerprint()).get());
    } else {
      board.link(peer).ifPresentOrElse(found -> greet(found, first), this::refuseForRoom);
    }
  }

  private void greet(Link found, Frame first) {
    var shutOut = found.shutOut();
    if (shutOut.isPositive()) {
      refuse(Refusal.SHUT_OUT, "for another " + shutOut.toSeconds() + " s, for what it has sent");
      return;
    }
    found.counters().in(first);
    var wrong = board.greeting().learn(first.getHello());
    if (wrong.isPresent()) {
      refuse(Refusal.PROTOCOL, wrong.get());
      return;
    }
    var process = first.getHello().getProcess();
    var untold = found.untold(process, board.certificates());
    var words =
        stream.side() == Side.ACCEPTED
            ? board.greeting().first(untold)
            : board.greeting().further(untold);
    words.forEach(frame -> send(found, frame));
    stream.greeted(process);
    // Before the link is up: what ends the stream from now on must find the link to take it from.
    link = Optional.of(found);
    if (!found.attach(stream)) {
      link = Optional.empty();
      close(Status.ABORTED, "there are streams enough to this peer");
    }
  }

  private void greetSelf(Hello hello) {
    isSelf = board.greeting().isOwn(hello);
    if (!isSelf) {
      if (stream.side() == Side.ACCEPTED) {
        // It is to find out as well.
        stream.write(board.greeting().first().frame());
      }
      board.warnOfTwo(peer, "this process", stream.address());
      refuse(Refusal.OWN_KEY, "another process holds this node's key; stop one of them");
    } else if (stream.side() == Side.ACCEPTED) {
      // The other end of this stream, which is us, is to find out as well, and closes it.
      stream.write(board.greeting().first().frame());
    } else {
      close(Status.ABORTED, "this node has dialled itself");
    }
  }

  private void refuseForRoom() {
    refuse(Refusal.TOO_MANY_PEERS, board.limits().peers() + " are linked already");
  }

  private void refuse(Refusal refusal, String why) {
    board.refusals().add(refusal, peer.name() + " (" + peer.fingerprint() + ")", why);
    close(
        refusal == Refusal.SHUT_OUT || refusal == Refusal.TOO_MANY_PEERS
            ? Status.UNAVAILABLE
            : Status.FAILED_PRECONDITION,
        why);
  }

  private void on(Link open, Frame frame) {
    try {
      var outcome =
          switch (frame.getKindCase()) {
            case HELLO -> again(open, frame.getHello());
            case BATCHES -> board.intake().batches(open, frame.getBatches());
            case BEACON -> board.intake().beacon(open, frame.getBeacon());
            case PULL -> board.intake().pull(open, frame.getPull());
            case BEHIND -> board.intake().behind(open, frame.getBehind());
            case ECHO -> echoed(open, frame.getEcho());
            case ASK -> board.intake().ask(open, frame.getAsk());
            case ACKNOWLEDGEMENT ->
                board.intake().acknowledgement(open, frame.getAcknowledgement());
            case TRANSFER -> board.intake().transfer(open, frame.getTransfer());
            case EVIDENCE -> board.intake().evidence(open, frame.getEvidence());
            case DISMISSAL -> board.intake().dismissal(frame.getDismissal());
            case KIND_NOT_SET -> Intake.Outcome.fine();
          };
      outcome.fault().ifPresent(open::fault);
      ask(open, outcome);
    } catch (MalformedException refused) {
      open.fault("a " + FrameKind.of(frame).label() + " frame: " + refused.getMessage());
    }
  }

  private Intake.Outcome again(Link open, Hello hello) throws MalformedException {
    var wrong = board.greeting().learn(hello);
    if (wrong.isPresent()) {
      throw new MalformedException(wrong.get());
    }
    open.send(board.greeting().answer(hello));
    return Intake.Outcome.fine();
  }

  private Intake.Outcome echoed(Link open, Echo echo) {
    if (echo.getAnswer()) {
      answered(echo.getMark());
      open.elsewhere(stream, echo.getMark())
          .ifPresent(address -> board.warnOfTwo(peer, stream.address(), address));
      open.roundTrip(Duration.ofNanos(System.nanoTime() - echo.getMark()));
    } else if (stream.isReady()) {
      send(echo(echo.getMark(), true));
    }
    return Intake.Outcome.fine();
  }

  private void ask(Link open, Intake.Outcome outcome) {
    long now = System.nanoTime();
    boolean isDue = askedNanos.isEmpty() || now - askedNanos.get() > ASK_EVERY_NANOS;
    if (!outcome.unknown().isEmpty() && isDue) {
      askedNanos = Optional.of(now);
      open.send(List.of(board.greeting().asking(outcome.unknown())));
    }
  }

  private void send(Outgoing frame) {
    link.ifPresent(open -> send(open, frame));
  }

  private void send(Link open, Outgoing frame) {
    open.counters().out(frame);
    stream.write(frame.frame());
  }

  private static Outgoing echo(long mark, boolean isAnswer) {
    var echo = Echo.newBuilder().setMark(mark).setAnswer(isAnswer);
    return new Outgoing(Frame.newBuilder().setEcho(echo).build());
  }
}
