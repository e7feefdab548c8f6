package io.starling.architecture.bad.replica;

import io.grpc.Status;

final class KnowsALibrary {
  Status status = Status.OK;
}
