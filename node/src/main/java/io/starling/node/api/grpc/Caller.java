package io.starling.node.api.grpc;

import io.grpc.Context;
import io.grpc.StatusException;
import io.starling.node.access.Access;
import io.starling.node.access.Principal;
import io.starling.node.access.Role;
import io.starling.node.space.Space;
import io.starling.node.space.Spaces;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.StorageFailure;

/// Who makes a call: a bearer token, and whom it stood for when the call began.
record Caller(Access access, String token, Principal principal) {

  private static final Context.Key<Caller> KEY = Context.key("starling-caller");

  static Caller current() {
    return KEY.get();
  }

  /// Who bears a token.
  static Caller of(Access access, String token) throws StatusException {
    try {
      var principal = access.authenticate(token).orElseThrow(Refusals::unknownToken);
      return new Caller(access, token, principal);
    } catch (StorageFailure failure) {
      throw Refusals.unreadable(failure);
    }
  }

  Context in(Context context) {
    return context.withValue(KEY, this);
  }

  /// Looks the token up again: a call may go on for hours, and its token be withdrawn meanwhile.
  Caller again() throws StatusException {
    return of(access, token);
  }

  /// A space to read.
  Space readable(Spaces spaces, String name) throws StatusException {
    var known = name.isEmpty() ? SpaceId.MAIN : name;
    if (!principal.mayRead(known)) {
      throw Refusals.denied(Role.ADMIN.label(), "reading " + known);
    }
    return spaces.find(known).orElseThrow(() -> Refusals.absent(known, spaces.absence(known)));
  }

  /// A space to write to.
  Space writable(Spaces spaces, String name) throws StatusException {
    var space = readable(spaces, name);
    if (!principal.mayWrite(space.name())) {
      throw Refusals.denied(Role.WRITER.label(), "writing to " + space.name());
    }
    return space;
  }
}
