package io.starling.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.starling.crdt.cell.Path;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.replica.request.Mutation;
import io.starling.replica.status.SpaceStatus.DigestCheck;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplicationTest {

  @Test
  void aWriteIsReadOnEveryMember() {
    var cluster = new Cluster(3);
    cluster.member(0).commit(Cluster.set("a", "1"), Cluster.add("s", "x"));
    cluster.member(1).commit(Cluster.increment("n", 5));
    cluster.member(2).commit(Cluster.increment("n", -2));
    cluster.deliverAll();
    cluster.rounds(3);
    for (var member : cluster.members) {
      assertEquals(new Value.Text("1"), member.value("a"));
      assertEquals(new Value.Int(3), member.value("n"));
      assertEquals(List.of(new Value.Text("x")), ((View.Elements) member.view("s")).elements());
      assertEquals(cluster.member(0).status().digest(), member.status().digest());
      assertEquals(cluster.member(0).status().token(), member.status().token());
      for (var peer : member.status().peers()) {
        assertEquals(DigestCheck.EQUAL, peer.digest());
        assertEquals(0, peer.lag());
      }
    }
    assertEquals(List.of(), cluster.alarms);
  }

  @Test
  void aMemberThatWasCutOffPullsWhatItMissed() {
    var cluster = new Cluster(3);
    cluster.member(2).isCutOff = true;
    for (int i = 0; i < 50; i++) {
      cluster.member(i % 2).commit(Cluster.add("s", "e" + i), Cluster.increment("n", 1));
      cluster.member(2).commit(Cluster.add("s", "cut" + i));
      cluster.deliverAll();
    }
    assertEquals(50, ((View.Elements) cluster.member(2).view("s")).elements().size());
    cluster.member(2).isCutOff = false;
    cluster.rounds(8);
    for (var member : cluster.members) {
      assertEquals(100, ((View.Elements) member.view("s")).elements().size());
      assertEquals(cluster.member(0).status().digest(), member.status().digest());
    }
    assertEquals(List.of(), cluster.alarms);
  }

  @Test
  void aRestartBeginsANewIncarnationThatClosesTheOld() {
    var cluster = new Cluster(3);
    for (int i = 0; i < 20; i++) {
      cluster.member(0).commit(Cluster.add("s", "e" + i), Cluster.increment("n", 1));
      cluster.deliverAll();
      cluster.member(0).restart();
      cluster.connectAll();
    }
    cluster.member(1).commit(Cluster.set("a", "1"));
    cluster.member(0).commit(new Mutation.Remove(Path.of("s")));
    cluster.deliverAll();
    cluster.rounds(5);
    for (var member : cluster.members) {
      assertEquals(2, member.status().active().size());
      assertEquals(20, member.status().closedReplicas());
      assertInstanceOf(View.Absent.class, member.view("s"));
      assertEquals(new Value.Int(20), member.value("n"));
      assertEquals(cluster.member(0).status().digest(), member.status().digest());
      assertEquals(cluster.member(0).status().closed(), member.status().closed());
    }
    assertEquals(List.of(), cluster.alarms);
  }

  @Test
  void concurrentTypesAtOneKeyAreBothKeptAndAnAssignmentResolvesThem() {
    var cluster = new Cluster(2);
    cluster.member(0).commit(Cluster.set("k", "text"));
    cluster.member(1).commit(Cluster.increment("k", 7));
    cluster.deliverAll();
    for (var member : cluster.members) {
      assertInstanceOf(View.Conflict.class, member.view("k"));
    }
    cluster.member(1).commit(Cluster.set("k", "settled"));
    cluster.deliverAll();
    for (var member : cluster.members) {
      assertEquals(new Value.Text("settled"), member.value("k"));
    }
    assertTrue(cluster.alarms.isEmpty());
  }
}
