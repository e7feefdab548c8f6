package io.starling.replica;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.limits.LogRetention;
import io.starling.replica.message.Message;
import io.starling.replica.request.Submission;
import java.util.List;

/// What a replica is told.
public sealed interface Event {

  /// Clients have asked for changes. Becomes one batch, or a few where limits demand it.
  record Submitted(List<Submission> submissions) implements Event {
    public Submitted {
      submissions = List.copyOf(submissions);
    }
  }

  /// Messages have come from a peer; signatures inside are verified, and each batch's and beacon's
  /// author is the holder of the key that signed it.
  record Arrived(KeyFingerprint peer, List<Message> messages) implements Event {
    public Arrived {
      messages = List.copyOf(messages);
    }
  }

  /// Batches were read from what is left of a store that this node had before; signatures are
  /// verified, and each batch's author is the holder of the key that signed it. Those that are
  /// applied here already are passed over, those whose causes are missing wait for them.
  record Recovered(List<SignedBatch> batches) implements Event {
    public Recovered {
      batches = List.copyOf(batches);
    }
  }

  /// The operator says that what is held of a revoked member shall stand. Answered as a submission,
  /// with how many batches that were; those whose causes are missing stay held.
  record Adopting(long submission, KeyFingerprint revoked) implements Event {}

  /// Messages can be sent to a peer from now on. May be repeated.
  record PeerUp(KeyFingerprint peer) implements Event {}

  /// Messages to a peer would be lost for now. May be repeated.
  record PeerDown(KeyFingerprint peer) implements Event {}

  /// `_system` has advanced; batches that waited for it may apply.
  record SystemAdvanced() implements Event {}

  /// Another amount of the log is to be kept from now on. What was cut already stays cut. A replica
  /// that is opened anew begins with what its limits say.
  record Retained(LogRetention retention) implements Event {}

  /// There is time for work that waits for nothing; asked for by [Effect.Again].
  record Continue() implements Event {}

  /// Some time has passed. Due at [io.starling.replica.limits.Limits#tick()]; late, early or
  /// missing ticks cost only time.
  record Tick() implements Event {}
}
