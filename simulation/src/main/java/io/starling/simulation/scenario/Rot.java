package io.starling.simulation.scenario;

import io.starling.replica.port.Changes;
import io.starling.replica.port.Table;
import io.starling.simulation.chance.Draws;
import io.starling.simulation.disk.SimulatedDisk;
import io.starling.simulation.world.CrashPoint;
import io.starling.simulation.world.SimulatedNode;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Damage to stores, of the kinds that a node meets (ADR 19):
///
/// - rows whose bytes have changed, which a checksum tells whoever reads them while the node runs;
/// - a table that is of an earlier moment than the others, as a file that was cut short makes it,
///   and entries of the log that are gone or have other bytes under a good checksum: found when the
///   store is opened.
final class Rot {

  private static final Duration DOWN = Duration.ofSeconds(1);
  private static final int ROWS_MOST = 6;
  private static final List<Table> TABLES =
      List.of(Table.META, Table.LOG, Table.CELLS, Table.HEADERS, Table.BUCKETS);

  private final World world;
  private final Draws draws;
  private final TreeMap<Integer, Kept> backups = new TreeMap<>();

  /// What the tables were at some moment.
  ///
  /// @param setAsides how often the store had been set aside by then
  private record Kept(SimulatedNode.Backup backup, int setAsides) {}

  Rot(World world, Draws draws) {
    this.world = world;
    this.draws = draws;
  }

  Draws draws() {
    return draws;
  }

  /// Remembers what a store is now.
  void backup() {
    var node = draws.pick(world.nodes());
    backups.put(node.number(), new Kept(node.backup(), node.setAsides()));
  }

  /// Damages a store, as far as another one is whole, and there is room to set it aside.
  void damage(Later later) {
    var node = draws.pick(world.nodes());
    boolean isWhileUp = draws.perMille(500);
    boolean othersAreWhole =
        world.nodes().stream().anyMatch(other -> other != node && isWhole(other));
    if (!othersAreWhole || !node.isUp() || node.keptAside() >= 2) {
      return;
    }
    count("damage");
    if (isWhileUp) {
      node.stored().forEach(this::spoil);
    } else {
      world.note("plan", "files of " + node + " are damaged while it is down");
      node.crash(CrashPoint.NOW);
      node.stored().forEach(space -> cutShort(node, space));
      node.mark("its files do not fit together");
      later.run(draws.wait(DOWN), node::startAgain);
    }
  }

  /// Finds what has rotted and was read by nobody, as a walk over all entries does.
  void findAll() {
    for (var node : world.nodes()) {
      var found = "a walk over all entries has met it";
      if (node.isSpoiled() && node.isUp()) {
        node.foundDamaged(found);
      } else if (node.isSpoiled()) {
        node.mark(found);
      }
    }
  }

  private static boolean isWhole(SimulatedNode node) {
    return !node.isRebuilding() && !node.isMarked() && !node.isSpoiled();
  }

  private void spoil(SimulatedSpace space) {
    var table = draws.pick(TABLES);
    var rows = rows(space.disk(), table);
    int count = Math.min(rows.size(), draws.between(1, ROWS_MOST));
    world.note("plan", count + " rows of " + table + " rot at " + space);
    for (int i = 0; i < count; i++) {
      space.disk().spoil(table, draws.pick(rows).key());
    }
  }

  private void cutShort(SimulatedNode node, SimulatedSpace space) {
    var backup =
        Optional.ofNullable(backups.get(node.number()))
            .filter(it -> it.setAsides() == node.setAsides())
            .map(Kept::backup)
            .flatMap(it -> it.find(space));
    var table = draws.pick(TABLES);
    if (draws.perMille(500) && backup.isPresent()) {
      count("table of an earlier moment");
      world.note("plan", table + " of " + space + " is of an earlier moment");
      space.disk().rollBack(table, backup.get().disk());
    }
    if (draws.perMille(500)) {
      harmLog(space);
    }
    if (draws.perMille(500)) {
      spoil(space);
    }
  }

  /// Takes entries of the log out, or changes a bit in them.
  private void harmLog(SimulatedSpace space) {
    var rows = rows(space.disk(), Table.LOG);
    var changes = new TreeMap<Integer, Changes.Write>();
    int most = Math.min(rows.size(), draws.between(1, ROWS_MOST));
    for (int i = 0; i < most; i++) {
      int at = draws.below(rows.size());
      changes.put(at, draws.perMille(500) ? without(rows.get(at)) : altered(rows.get(at)));
    }
    world.note("plan", changes.size() + " entries of the log of " + space + " are harmed");
    space.disk().edit(new Changes(new ArrayList<>(changes.values())));
  }

  private Changes.Write altered(Row row) {
    byte[] value = row.value().clone();
    if (value.length > 0) {
      value[draws.below(value.length)] ^= (byte) (1 << draws.below(Byte.SIZE));
    }
    return new Changes.Write(Table.LOG, row.key(), Optional.of(value));
  }

  private static Changes.Write without(Row row) {
    return new Changes.Write(Table.LOG, row.key(), Optional.empty());
  }

  private record Row(byte[] key, byte[] value) {}

  private static List<Row> rows(SimulatedDisk disk, Table table) {
    var rows = new ArrayList<Row>();
    disk.untouched()
        .scan(table, new byte[0], new byte[0], (key, value) -> rows.add(new Row(key, value)));
    return rows;
  }

  private void count(String what) {
    world.counts().add("fault: " + what);
  }
}
