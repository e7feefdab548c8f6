package io.starling.replica.exchange;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SigningDomain;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Beacon;
import io.starling.replica.message.SignedBeacon;
import io.starling.replica.message.Token;
import io.starling.replica.port.Signer;
import io.starling.replica.state.Origin;
import io.starling.replica.state.SpaceState;
import java.util.ArrayList;

/// Makes the beacons of this replica, and knows when one is due: when batches of others were
/// applied and nothing of its own was said since.
public final class Announcer {

  private final ClusterId cluster;
  private final SpaceId space;
  private final Signer signer;
  private final SpaceState state;
  private boolean isDue;

  public Announcer(ClusterId cluster, SpaceId space, Signer signer, SpaceState state) {
    this.cluster = cluster;
    this.space = space;
    this.signer = signer;
    this.state = state;
  }

  /// The vector has changed.
  public void changed() {
    isDue = true;
  }

  /// All peers were told of the vector, by a batch or a beacon.
  public void said() {
    isDue = false;
  }

  /// Whether peers should be told of the vector.
  public boolean isDue() {
    return isDue;
  }

  /// A beacon of the present vector.
  public SignedBeacon beacon(ReplicaId self, HybridTime time, long nowMillis) {
    var own = state.origins().find(self);
    var told = own.map(Origin::context).orElse(VersionVector.EMPTY);
    var moved = new ArrayList<Token.Prefix>();
    for (var head : state.origins().token().heads()) {
      boolean isOwn = head.replica().equals(self);
      if (!isOwn && head.seq() > told.seq(head.replica())) {
        moved.add(head);
      }
    }
    var beacon =
        new Beacon(
            space,
            self,
            new Beacon.OwnHead(
                own.map(Origin::seq).orElse(0L), own.map(Origin::hash).orElse(ChainHash.ROOT)),
            moved,
            state.origins().closedSum(),
            state.digests().total(),
            state.digests().cells(),
            time,
            nowMillis);
    byte[] body = beacon.toBytes();
    byte[] signature = signer.sign(SigningDomain.beacon(cluster, space, body));
    return new SignedBeacon(beacon, body, signature);
  }
}
