package io.starling.architecture.bad.node.api.http;

import io.starling.architecture.bad.node.api.grpc.GrpcKnowsHttp;

public final class HttpKnowsGrpc {
  Class<?> other = GrpcKnowsHttp.class;
}
