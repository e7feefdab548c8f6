package io.starling.architecture.bad.node.api.grpc;

import io.starling.architecture.bad.node.api.http.HttpKnowsGrpc;

public final class GrpcKnowsHttp {
  Class<?> other = HttpKnowsGrpc.class;
}
