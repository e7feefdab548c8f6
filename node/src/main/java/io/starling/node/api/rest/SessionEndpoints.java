package io.starling.node.api.rest;

import io.starling.node.access.Access;
import io.starling.node.access.Principal;
import io.starling.node.access.SignInLinks;
import java.util.Optional;
import java.util.function.Supplier;

/// Signing a browser in and out.
final class SessionEndpoints {

  private final Access access;
  private final SignInLinks links;
  private final Sessions sessions;
  private final SessionCookie cookie;

  SessionEndpoints(Access access, SignInLinks links, Sessions sessions, SessionCookie cookie) {
    this.access = access;
    this.links = links;
    this.sessions = sessions;
    this.cookie = cookie;
  }

  /// Who is signed in.
  Answer show(Call call) throws Problem {
    return principal(call.who());
  }

  /// Takes a token for a cookie.
  Answer begin(Call call) throws Problem {
    var body = JsonObject.of(JsonObject.body(call), "the body");
    var token = body.text("token").strip();
    body.finish();
    var who = access.authenticate(token);
    if (who.isEmpty()) {
      throw Problem.of(
          Problem.Kind.UNAUTHENTICATED,
          "This token is not known here. It begins with st_ and was shown once, when it was made.");
    }
    return principal(who.get()).with("Set-Cookie", begin(() -> access.authenticate(token)));
  }

  /// Follows a sign-in link to the dashboard.
  Answer follow(Call call) throws Problem {
    var who = links.redeem(call.parameter("code").orElse(""));
    if (who.isEmpty()) {
      return seeOther("/#/signed-out/link");
    }
    return seeOther("/").with("Set-Cookie", begin(() -> who));
  }

  Answer end(Call call) {
    cookie.find(new Request("DELETE", "", call.headers(), false)).ifPresent(sessions::end);
    return Answer.empty().with("Set-Cookie", cookie.clear());
  }

  private String begin(Supplier<Optional<Principal>> bearer) {
    return cookie.set(sessions.begin(bearer));
  }

  private static Answer.Whole seeOther(String location) {
    return new Answer.Whole(303, "", new byte[0]).with("Location", location);
  }

  private static Answer.Whole principal(Principal who) {
    return Answer.json(
        200,
        out -> {
          out.writeStartObject();
          out.writeStringField("name", who.name());
          out.writeStringField("role", who.role().label());
          out.writeEndObject();
        });
  }
}
