package io.starling.replica.catchup;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.message.Transfer;

/// What is to be sent to a member that asked.
///
/// @param session the asker's number for what this is part of
record Answer(KeyFingerprint to, long session, Transfer transfer) {

  static Answer refused(KeyFingerprint to, long session, Transfer.Reason reason, String message) {
    return new Answer(to, session, new Transfer.Refused(reason, message));
  }
}
