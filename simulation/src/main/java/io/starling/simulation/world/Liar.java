package io.starling.simulation.world;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.cell.Path;
import io.starling.crdt.value.Value;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SigningDomain;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Acknowledgement;
import io.starling.replica.message.Beacon;
import io.starling.replica.message.Message;
import io.starling.replica.message.SignedAcknowledgement;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.request.Mutation;
import io.starling.simulation.chance.Draws;
import io.starling.simulation.network.WireForm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/// A member that lies. Its engine is production's; what that says is changed on its way out, and
/// now and then something is said that was made up.
final class Liar {

  private static final int FRAMES_KEPT = 64;
  private static final Duration LATE_MOST = Duration.ofSeconds(3);
  private static final int FORKS_MOST = 24;

  private final World world;
  private final SimulatedNode node;
  private final Liars liars;
  private final Draws draws;
  private final Forgery forgery;
  private final List<byte[]> heard = new ArrayList<>();
  private final TreeMap<KeyFingerprint, Integer> halves = new TreeMap<>();
  private final TreeMap<ChainHash, SignedBatch> twins = new TreeMap<>();
  private final Withholding withholding;

  /// To whom it says nothing of what.
  private enum Withholding {
    ISOLATIONIST,
    SELFISH,
    CLIQUISH
  }

  Liar(World world, SimulatedNode node, Liars liars, Draws draws) {
    this.world = world;
    this.node = node;
    this.liars = liars;
    this.draws = draws;
    forgery = new Forgery(world, node, liars, draws.split("forgery"));
    withholding = draws.pick(List.of(Withholding.values()));
  }

  private boolean does(Lie kind) {
    return liars.tell(kind);
  }

  private void count(Lie kind) {
    world.counts().add("lie: " + kind.label());
  }

  /// A frame has come to it.
  void hears(byte[] frame) {
    keep(frame);
  }

  private void keep(byte[] frame) {
    if (heard.size() < FRAMES_KEPT) {
      heard.add(frame);
    } else if (draws.perMille(100)) {
      heard.set(draws.below(FRAMES_KEPT), frame);
    }
  }

  /// What goes to one peer in place of a message.
  List<byte[]> frames(KeyFingerprint to, Message message, byte[] frame) {
    keep(frame);
    boolean isOver = liars.isOver();
    if (isOver && liars.options().ending() == LieOptions.Ending.HONEST) {
      return List.of(frame);
    }
    if (isOver && liars.options().ending() == LieOptions.Ending.SILENT) {
      count(Lie.WITHHOLDING);
      return List.of();
    }
    if (does(Lie.WITHHOLDING) && isWithheld(to, message)) {
      count(Lie.WITHHOLDING);
      return List.of();
    }
    return switch (message) {
      case Message.Batches batches when does(Lie.EQUIVOCATION) && !isOver ->
          List.of(world.wire().encode(halves(to, batches)));
      case Message.Announcement(var beacon) when does(Lie.VECTORS) && draws.perMille(400) ->
          List.of(world.wire().encode(announcement(beacon.beacon())));
      case Message.Pull(var space, var have) when does(Lie.VECTORS) && draws.perMille(300) -> {
        count(Lie.VECTORS);
        var heads = have.heads().stream().map(this::lied).toList();
        yield List.of(world.wire().encode(new Message.Pull(space, new Token(space, heads))));
      }
      case Message.Transferred(var space, long session, var transfer)
          when does(Lie.TRANSFERS) && draws.perMille(300) -> {
        count(Lie.TRANSFERS);
        yield List.of(
            world.wire().encode(new Message.Transferred(space, session, altered(transfer))));
      }
      default -> List.of(frame);
    };
  }

  /// Another state than it has, or another word about somebody's.
  private Transfer altered(Transfer transfer) {
    return switch (transfer) {
      case Transfer.Offer(var token, _, long cells, var hashesFrom, var groups)
          when draws.perMille(300) ->
          new Transfer.Offer(token, forgery.anyDigest(), cells, hashesFrom, groups);
      case Transfer.Offer(var token, var digest, long cells, var hashesFrom, var groups)
          when !groups.isEmpty() && draws.perMille(300) ->
          new Transfer.Offer(
              token, digest, cells, hashesFrom, groups.subList(0, groups.size() - 1));
      case Transfer.Page(long number, var rows, boolean isLast, _) when !rows.isEmpty() -> {
        var others = new ArrayList<>(rows);
        int at = draws.below(rows.size());
        if (rows.get(at) instanceof Transfer.Row.CellRow row && draws.perMille(500)) {
          others.set(at, forgery.altered(row));
        } else if (draws.perMille(500)) {
          others.remove(at);
        } else {
          others.add(at, rows.get(at));
        }
        yield new Transfer.Page(number, others, isLast);
      }
      case Transfer.Compared(var now, _, var heads, var from, var hashes, var branches) ->
          new Transfer.Compared(now, forgery.anyDigest(), heads, from, hashes, branches);
      default -> transfer;
    };
  }

  private boolean isWithheld(KeyFingerprint to, Message message) {
    return switch (withholding) {
      case ISOLATIONIST -> message instanceof Message.Batches;
      case SELFISH ->
          message instanceof Message.Batches(_, _, var part) && part != Message.Part.FRESH;
      case CLIQUISH -> half(to) == 1;
    };
  }

  /// Which of its two audiences a peer belongs to.
  private int half(KeyFingerprint peer) {
    return halves.computeIfAbsent(peer, _ -> draws.below(2));
  }

  /// One half of its peers gets another batch of the number, and it goes to the others late, if at
  /// all.
  private Message halves(KeyFingerprint to, Message.Batches message) {
    var told = new ArrayList<SignedBatch>();
    boolean isChanged = false;
    for (var batch : message.batches()) {
      if (isOwnNews(message, batch)) {
        twin(batch);
      }
      var twin = twins.get(batch.hash());
      boolean isOther = twin != null && half(to) == 1;
      told.add(isOther ? twin : batch);
      isChanged |= isOther;
    }
    return isChanged ? new Message.Batches(message.space(), told, message.part()) : message;
  }

  private boolean isOwnNews(Message.Batches message, SignedBatch batch) {
    return message.part() == Message.Part.FRESH
        && batch.batch().replica().key().equals(node.key())
        && !twins.containsKey(batch.hash())
        && twins.size() < FORKS_MOST
        && liars.seen(batch).isPresent()
        && draws.perMille(300);
  }

  private void twin(SignedBatch batch) {
    var twin = forgery.twin(batch);
    twins.put(batch.hash(), twin);
    count(Lie.EQUIVOCATION);
    if (draws.perMille(500)) {
      world.agenda().after(draws.wait(Duration.ZERO, LATE_MOST), () -> reveal(twin));
    }
  }

  private void reveal(SignedBatch late) {
    if (node.isUp() && !liars.isOver()) {
      count(Lie.EQUIVOCATION);
      var space = late.batch().space();
      say(new Message.Batches(space, List.of(late), Message.Part.FRESH), 1_000);
    }
  }

  private Message announcement(Beacon it) {
    count(Lie.VECTORS);
    var moved = it.moved().stream().map(this::lied).toList();
    var head =
        draws.perMille(300)
            ? new Beacon.OwnHead(it.head().seq() + draws.below(4), forgery.anyHash())
            : it.head();
    boolean isWrong = draws.perMille(300);
    var digest = isWrong ? new CellDigest(draws.bits(), draws.bits()) : it.digest();
    long cells = it.cells() + (draws.perMille(100) ? 1 : 0);
    return forgery.signed(
        new Beacon(
            it.space(),
            it.author(),
            head,
            moved,
            it.closed(),
            digest,
            cells,
            it.time(),
            it.wallMillis()));
  }

  /// A head with another number or hash, or as it is.
  private Token.Prefix lied(Token.Prefix head) {
    return switch (draws.below(8)) {
      case 0 -> new Token.Prefix(head.replica(), head.seq() + draws.between(1, 5), draws.bits());
      case 1 -> new Token.Prefix(head.replica(), head.seq(), draws.bits());
      case 2 -> new Token.Prefix(head.replica(), Math.max(1, head.seq() / 2), draws.bits());
      case 3 -> new Token.Prefix(head.replica(), Long.MAX_VALUE, draws.bits());
      default -> head;
    };
  }

  void actLater() {
    world
        .agenda()
        .after(
            draws.wait(liars.options().every()),
            () -> {
              if (!liars.isOver()) {
                if (node.isUp() && !node.isPaused()) {
                  act();
                }
                actLater();
              }
            });
  }

  private void act() {
    var kind = draws.pick(List.copyOf(liars.options().kinds()));
    var space = draws.perMille(250) ? world.systemId() : world.mainId();
    switch (kind) {
      case GARBAGE -> {
        byte[] frame = forgery.garbage(heard);
        // The world does not follow state that is taken over where there are forks.
        if (!does(Lie.EQUIVOCATION) || !WireForm.isBehind(frame)) {
          count(kind);
          send(frame);
        }
      }
      case FOREIGN -> {
        count(kind);
        send(forgery.foreign(heard, space));
      }
      case REPLAYS -> {
        if (!heard.isEmpty()) {
          count(kind);
          send(draws.pick(heard));
        }
      }
      case FORGERY -> {
        count(kind);
        say(batches(space, forgery.forged(space)), 500);
      }
      case NONSENSE -> {
        count(kind);
        say(batches(space, forgery.nonsense(space)), 700);
      }
      case EQUIVOCATION, WITHHOLDING -> write(space);
      case VECTORS -> pull(space);
      case ACKNOWLEDGEMENTS -> {}
      case TRANSFERS -> askForState(space);
    }
  }

  /// A joiner that never goes on with what it has begun.
  private void askForState(SpaceId space) {
    count(Lie.TRANSFERS);
    var ask = new Transfer.Ask(List.of(), draws.perMille(500));
    var question = draws.perMille(500) ? ask : new Transfer.Get(draws.bits() >>> 1);
    say(new Message.Transferred(space, draws.bits(), question), 500);
  }

  private static Message batches(SpaceId space, List<SignedBatch> batches) {
    return new Message.Batches(space, batches, Message.Part.FRESH);
  }

  /// By its own engine, so that there is something to give twice, or to nobody.
  private void write(SpaceId space) {
    var path = Path.of("lie/" + draws.below(3));
    var element = new Value.Int(draws.below(20));
    node.find(space)
        .filter(SimulatedSpace::isOpen)
        .ifPresent(it -> world.write(it, new Mutation.AddElement(path, element)));
  }

  /// Asks for everything there ever was.
  private void pull(SpaceId space) {
    count(Lie.VECTORS);
    say(new Message.Pull(space, new Token(space, List.of())), 300);
  }

  /// Acknowledges what it is asked about at once.
  void asked(KeyFingerprint by, SpaceId space, Token token) {
    if (does(Lie.ACKNOWLEDGEMENTS) && !liars.isOver()) {
      count(Lie.ACKNOWLEDGEMENTS);
      var replica = forgery.self();
      var it = new Acknowledgement(space, replica, Acknowledgement.hash(token), 1);
      byte[] body = it.toBytes();
      byte[] signature = forgery.sign(SigningDomain.acknowledgement(world.cluster(), space, body));
      send(
          by,
          world
              .wire()
              .encode(new Message.Acknowledged(new SignedAcknowledgement(it, body, signature))));
    }
  }

  private Stream<KeyFingerprint> peers(int perMille) {
    return world.nodes().stream()
        .map(SimulatedNode::key)
        .filter(key -> !key.equals(node.key()))
        .filter(_ -> draws.perMille(perMille));
  }

  private void say(Message message, int perMille) {
    byte[] frame = world.wire().encode(message);
    peers(perMille).toList().forEach(peer -> send(peer, frame));
  }

  private void send(byte[] frame) {
    peers(500).toList().forEach(peer -> send(peer, frame));
  }

  private void send(KeyFingerprint peer, byte[] frame) {
    world.lie(node, peer, frame);
  }
}
