package io.starling.crdt.encoding;

import io.starling.crdt.causal.ReplicaId;

/// How replica ids are written: in full where bytes must be equal on all nodes, as a store's own
/// small numbers at rest.
public interface ReplicaForm {

  /// The 24 bytes of the id: the canonical form.
  ReplicaForm FULL =
      new ReplicaForm() {
        @Override
        public void write(Encoder out, ReplicaId replica) {
          out.replica(replica);
        }

        @Override
        public ReplicaId read(Decoder in) throws MalformedException {
          return in.replica();
        }
      };

  void write(Encoder out, ReplicaId replica);

  ReplicaId read(Decoder in) throws MalformedException;
}
