package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.MemoryState;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.read.SpaceReader;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Request;
import io.starling.replica.request.RequestKeys;
import io.starling.replica.request.Submission;
import io.starling.replica.state.SpaceImage;
import io.starling.replica.state.SpaceImport;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/// A store that is made from the image of another holds the same, row for row.
class SpaceImageProperties {

  @Property(tries = 150)
  void whatIsRebuiltIsWhatWasThere(@ForAll long seed) throws Exception {
    var random = new Random(seed);
    var cluster = new Cluster(3);
    for (int step = 0; step < 60; step++) {
      var member = cluster.member(random.nextInt(3));
      switch (random.nextInt(8)) {
        case 0 -> member.restart();
        case 1, 2 -> cluster.deliverSome(random);
        case 3 -> cluster.rounds(1);
        case 4 -> named(member, "r" + step, RandomMutations.some(random));
        default -> member.submit(Optional.empty(), some(random));
      }
    }
    for (int i = 0; i < 3; i++) {
      var member = cluster.member(i);
      var rebuilt = rebuilt(member.state, 1 + random.nextInt(300), Cluster.MAIN);
      assertThat(StateCheck.contents(rebuilt)).isEqualTo(StateCheck.contents(member.state));
    }
  }

  @Property(tries = 50)
  void membersAtOneVectorHaveTheSameCells(@ForAll long seed) {
    var random = new Random(seed);
    var cluster = new Cluster(3);
    for (int step = 0; step < 40; step++) {
      cluster.member(random.nextInt(3)).submit(Optional.empty(), some(random));
      cluster.deliverSome(random);
    }
    cluster.rounds(3);
    var first = cells(cluster.member(0).state, 64);
    assertThat(cells(cluster.member(1).state, 1)).isEqualTo(first);
    assertThat(cells(cluster.member(2).state, 1_000_000)).isEqualTo(first);
    assertThat(first).isSorted();
  }

  @Test
  void aJoinThatIsPendingIsShownDone() throws Exception {
    var cluster = new Cluster(2);
    var donor = cluster.member(0);
    for (int i = 0; i < 2_000; i++) {
      donor.commit(Cluster.add("s" + i % 7, "e" + i));
      cluster.loseAll();
    }
    var joiner = cluster.member(1);
    joiner.commit(Cluster.add("s1", "mine"));
    cluster.loseAll();
    donor.loseLog();
    boolean wasPending = false;
    for (int i = 0; i < 100_000 && !wasPending; i++) {
      cluster.step();
      wasPending = new SpaceImage(joiner.state).kept().isEmpty();
    }
    assertThat(wasPending).isTrue();
    var rebuilt = rebuilt(joiner.state, 500, Cluster.MAIN);
    assertThat(new SpaceImage(rebuilt).kept()).isPresent();
    for (int i = 0; i < 7; i++) {
      var path = io.starling.crdt.cell.Path.of("s" + i);
      assertThat(new SpaceReader(Cluster.MAIN, rebuilt).view(path, 10_000))
          .isEqualTo(joiner.reader().view(path, 10_000));
    }
    assertThat(new SpaceReader(Cluster.MAIN, rebuilt).token()).isEqualTo(joiner.reader().token());
  }

  @Test
  void whatCannotBeRebuiltIsRefused() {
    var cluster = new Cluster(1);
    var member = cluster.member(0);
    member.commit(Cluster.add("s", "a"));
    assertThatThrownBy(() -> rebuilt(member.state, 1_000, new SpaceId(7, 7)))
        .isInstanceOf(StorageFailure.class)
        .hasMessageContaining("another space");
    assertThatThrownBy(() -> new SpaceImport(Cluster.MAIN, member.state))
        .isInstanceOf(StorageFailure.class)
        .hasMessageContaining("holds a space already");
    var rebuild = new SpaceImport(Cluster.MAIN, new MemoryState());
    var digest = new SpaceImage.Row(new byte[] {'d'}, new byte[24]);
    assertThatThrownBy(() -> rebuild.add(SpaceImage.Part.META, digest))
        .isInstanceOf(MalformedException.class);
    var batch = new SpaceImage.Row(new byte[32], new byte[24]);
    assertThatThrownBy(() -> rebuild.add(SpaceImage.Part.LOG, batch))
        .isInstanceOf(MalformedException.class);
    var token = new SpaceImage.Row(new byte[] {'t'}, new byte[] {9});
    assertThatThrownBy(() -> rebuild.add(SpaceImage.Part.META, token))
        .isInstanceOf(MalformedException.class);
    var replica = new ReplicaId(new KeyFingerprint(1, 2), 3);
    var numbering =
        new SpaceImage.Row(new Encoder().u8('r').replica(replica).toBytes(), new byte[4]);
    assertThatThrownBy(() -> rebuild.add(SpaceImage.Part.META, numbering))
        .isInstanceOf(MalformedException.class);
    var share = new CellId.Share(Path.of("k"), replica).encode(ReplicaForm.FULL);
    var counted = new SpaceImage.Row(share, HexFormat.of().parseHex("ac020717000000"));
    assertThatThrownBy(() -> rebuild.add(SpaceImage.Part.CELLS, counted))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("no number");
    var newer = new SpaceImage.Row(new byte[] {'f'}, new byte[] {9});
    assertThatThrownBy(() -> rebuild.add(SpaceImage.Part.META, newer))
        .isInstanceOf(StorageFailure.class)
        .hasMessageContaining("newer version");
  }

  private static Mutation[] some(Random random) {
    return RandomMutations.some(random).toArray(Mutation[]::new);
  }

  private static void named(Cluster.Member member, String name, List<Mutation> mutations) {
    var key = Optional.of(RequestKeys.of(name, mutations));
    var request = new Request("ada", key, Optional.empty(), Optional.empty(), mutations);
    member.submit(List.of(new Submission(0, request)));
  }

  private static List<String> cells(MemoryState state, int bytes) {
    var cells = new ArrayList<String>();
    var rows = new SpaceImage(state).rows(SpaceImage.Part.CELLS);
    for (var some = rows.some(bytes); !some.isEmpty(); some = rows.some(bytes)) {
      some.forEach(row ->
          cells.add(
              HexFormat.of().formatHex(row.key()) + ' ' + HexFormat.of().formatHex(row.value())));
    }
    return cells;
  }

  private static MemoryState rebuilt(MemoryState state, int bytes, SpaceId space)
      throws MalformedException {
    var image = new SpaceImage(state);
    var rebuilt = new MemoryState();
    var rebuild = new SpaceImport(space, rebuilt);
    for (var part : SpaceImage.Part.values()) {
      var rows = image.rows(part);
      for (var some = rows.some(bytes); !some.isEmpty(); some = rows.some(bytes)) {
        for (var row : some) {
          rebuild.add(part, row);
        }
        rebuilt.persist(rebuild.take());
      }
    }
    image
        .kept()
        .ifPresent(kept -> {
          assertThat(rebuild.digest()).isEqualTo(kept.total());
          assertThat(rebuild.cells()).isEqualTo(kept.cells());
        });
    assertThat(rebuild.token()).isEqualTo(image.token());
    return rebuilt;
  }
}
