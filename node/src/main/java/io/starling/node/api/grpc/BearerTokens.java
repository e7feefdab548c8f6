package io.starling.node.api.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusException;
import io.starling.node.access.Access;
import java.util.Locale;
import java.util.Optional;

/// Lets only calls through that bear a token the cluster knows.
final class BearerTokens implements ServerInterceptor {

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final String SCHEME = "bearer ";

  private final Access access;

  BearerTokens(Access access) {
    this.access = access;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    try {
      var caller = caller(Optional.ofNullable(headers.get(AUTHORIZATION)));
      return Contexts.interceptCall(caller.in(Context.current()), call, headers, next);
    } catch (StatusException refused) {
      var trailers = Optional.ofNullable(refused.getTrailers());
      call.close(refused.getStatus(), trailers.orElseGet(Metadata::new));
      return new ServerCall.Listener<>() {};
    }
  }

  private Caller caller(Optional<String> header) throws StatusException {
    var token =
        header
            .filter(text -> text.toLowerCase(Locale.ROOT).startsWith(SCHEME))
            .map(text -> text.substring(SCHEME.length()).strip())
            .orElseThrow(Refusals::noToken);
    return Caller.of(access, token);
  }
}
