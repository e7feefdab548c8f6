package io.starling.node.api.rest;

import static io.starling.node.api.rest.Route.Need.ADMIN;
import static io.starling.node.api.rest.Route.Need.NOBODY;
import static io.starling.node.api.rest.Route.Need.NOBODY_NEARBY;
import static io.starling.node.api.rest.Route.Need.READER;
import static io.starling.node.api.rest.Route.Need.WRITER;
import static io.starling.node.api.rest.Verb.DELETE;
import static io.starling.node.api.rest.Verb.GET;
import static io.starling.node.api.rest.Verb.PATCH;
import static io.starling.node.api.rest.Verb.POST;
import static io.starling.node.api.rest.Verb.PUT;

import io.starling.node.access.Access;
import io.starling.node.access.Principal;
import io.starling.node.access.SignInLinks;
import io.starling.node.backup.BackupDesk;
import io.starling.node.lab.LabDesk;
import io.starling.node.leave.LeaveDesk;
import io.starling.node.logging.LogLevels;
import io.starling.node.member.Evictions;
import io.starling.node.space.Spaces;
import io.starling.node.status.NodeStatus;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.read.TooLargeException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/// All routes of a node's HTTP port but the dashboard's files.
///
/// A request is answered in two steps, so that nobody can make the node take a body before it knows
/// who sends it: [#admit(Request)] on the head, then [Admitted#answer(byte[])].
public final class RestApi {

  private static final String SPACE = "/api/v1/spaces/{space}";
  private static final String SOCKET = "/api/v1/socket";
  private static final String LOGGER = "/api/v1/logging/{logger}";
  private static final String KEY = SPACE + "/keys/{key...}";

  private final Origins origins;
  private final Callers callers;
  private final List<Route> routes;

  /// The node, as its clients see it.
  ///
  /// @param levels how much it logs
  /// @param backups empty if it has no repository for them
  /// @param evictions what is done about members that are evicted
  /// @param leaving empty if it is no member of a cluster
  /// @param metrics the text that Prometheus reads
  public record Node(
      ClusterId cluster,
      String id,
      Spaces spaces,
      NodeStatus.Source status,
      Access access,
      SignInLinks links,
      LogLevels levels,
      Optional<BackupDesk> backups,
      Evictions evictions,
      Optional<LeaveDesk> leaving,
      LabDesk lab,
      Supplier<String> metrics) {}

  /// @param isSecure whether TLS is spoken
  public RestApi(Node node, Origins origins, boolean isSecure, InstantSource clock) {
    var sessions = new Sessions(clock);
    var cookie = new SessionCookie(node.id(), isSecure);
    this.origins = origins;
    this.callers = new Callers(node.access(), sessions, origins, cookie);
    this.routes =
        routes(
            node,
            new StatusEndpoints(node.status(), clock),
            new SessionEndpoints(node.access(), node.links(), sessions, cookie));
  }

  private static List<Route> routes(Node node, StatusEndpoints status, SessionEndpoints session) {
    var gate = new Gate(node.spaces());
    var spaces = new SpaceEndpoints(node.spaces());
    var keys = new KeyEndpoints(gate);
    var logging = new LoggingEndpoints(node.levels());
    var backups = new BackupEndpoints(node.backups());
    var evictions = new EvictionEndpoints(node.id(), node.spaces(), node.evictions());
    var leaving = new LeaveEndpoints(node.leaving());
    var lab = new LabEndpoints(node.lab());
    var transactions = new TransactionEndpoints(gate, new Durabilities(node.cluster()));
    return List.of(
        new Route(GET, KEY, READER, "after elements field form", keys::read),
        new Route(PUT, KEY, WRITER, "field rule", transactions::put),
        new Route(POST, KEY, WRITER, transactions::post),
        new Route(PATCH, KEY, WRITER, "field", transactions::patch),
        new Route(DELETE, KEY, WRITER, "field", transactions::delete),
        new Route(
            GET, SPACE + "/keys", READER, "after elements form limit prefix type", keys::list),
        new Route(POST, SPACE + "/transactions", WRITER, transactions::transact),
        new Route(POST, SPACE + "/reads", READER, new BatchRead(gate)::read),
        new Route(POST, SPACE + "/receipts", READER, transactions::acknowledge),
        new Route(
            GET,
            SPACE + "/watch",
            READER,
            "form from prefix resume",
            new WatchEndpoint(gate)::watch),
        new Route(GET, SOCKET, READER, call -> socket(gate, call)),
        new Route(GET, "/api/v1/spaces", READER, spaces::list),
        new Route(POST, "/api/v1/spaces", ADMIN, spaces::create),
        new Route(PATCH, SPACE, ADMIN, spaces::change),
        new Route(DELETE, SPACE, ADMIN, "id", spaces::drop),
        new Route(GET, "/api/v1/status", READER, status::status),
        new Route(GET, "/api/v1/activity", READER, status::activity),
        new Route(GET, "/api/v1/logging", ADMIN, logging::list),
        new Route(GET, "/api/v1/backups", ADMIN, backups::show),
        new Route(POST, "/api/v1/backups", ADMIN, backups::begin),
        new Route(GET, "/api/v1/members/{member}/cut-off", ADMIN, evictions::cutOff),
        new Route(GET, "/api/v1/evictions", ADMIN, evictions::list),
        new Route(POST, "/api/v1/evictions/{member}/adopted", ADMIN, evictions::adopt),
        new Route(GET, "/api/v1/leaving", ADMIN, leaving::show),
        new Route(POST, "/api/v1/leaving", ADMIN, leaving::begin),
        new Route(DELETE, "/api/v1/leaving", ADMIN, leaving::cancel),
        new Route(GET, "/api/v1/lab", READER, lab::show),
        new Route(POST, "/api/v1/lab", ADMIN, lab::begin),
        new Route(GET, "/api/v1/lab/report", READER, lab::report),
        new Route(GET, LOGGER, ADMIN, logging::show),
        new Route(PUT, LOGGER, ADMIN, logging::change),
        new Route(DELETE, LOGGER, ADMIN, logging::reset),
        new Route(GET, "/api/v1/session", READER, session::show),
        new Route(POST, "/api/v1/session", NOBODY, session::begin),
        new Route(DELETE, "/api/v1/session", READER, session::end),
        new Route(GET, "/api/v1/openapi.json", NOBODY, _ -> OpenApi.document()),
        new Route(GET, "/sign-in", NOBODY, "code", session::follow),
        new Route(GET, "/api/health", NOBODY, status::health),
        new Route(GET, "/api/health/live", NOBODY, status::alive),
        new Route(GET, "/metrics", NOBODY_NEARBY, _ -> metrics(node)));
  }

  private static Answer socket(Gate gate, Call call) throws Problem {
    if (!call.header("upgrade").orElse("").equalsIgnoreCase("websocket")) {
      throw Problem.of(
          Problem.Kind.UPGRADE_NEEDED, "This address speaks WebSocket alone: open it as one.");
    }
    return new Answer.Socket(sink -> new SocketTalk(gate, call, sink));
  }

  private static Answer metrics(Node node) {
    return Answer.text("text/plain; version=0.0.4; charset=utf-8", node.metrics().get());
  }

  /// The routes, for tests and documents.
  List<Route> routes() {
    return routes;
  }

  /// Lets a request in, if its head allows it. May read the store.
  public Admitted admit(Request request) throws Problem {
    origins.requireHost(request);
    var target = Target.parse(request.uri());
    var allowed = new TreeSet<String>();
    for (var route : routes) {
      var names = route.match(target.path());
      if (names.isEmpty()) {
        continue;
      }
      if (Verb.of(request.method()).equals(Optional.of(route.verb()))) {
        return admit(request, target, route, names.get());
      }
      allowed.add(route.verb().name());
    }
    if (allowed.isEmpty()) {
      throw Problem.of(
          Problem.Kind.UNKNOWN_ROUTE,
          "This address leads nowhere. docs/http-api.md lists those that lead somewhere.");
    }
    throw Problem.notAllowed(request.method(), String.join(", ", allowed));
  }

  private Admitted admit(
      Request request, Target target, Route route, SortedMap<String, String> names) throws Problem {
    var who = callers.admit(request, route);
    route.requireKnown(target);
    if (route.verb().changes() && route.verb() != DELETE) {
      requireJson(request, route.verb());
    }
    var call = new Call(target, new TreeMap<>(names), request.headers(), who, new byte[0]);
    return new Admitted(route, call, () -> requireSame(who, callers.admit(request, route)));
  }

  // What lasts was let in as somebody with a role, and goes on acting so.
  private static void requireSame(Optional<Principal> before, Optional<Principal> now)
      throws Problem {
    if (!now.equals(before)) {
      throw Problem.of(Problem.Kind.FORBIDDEN, "Your role has changed meanwhile. Connect again.");
    }
  }

  private static void requireJson(Request request, Verb verb) throws Problem {
    var type = request.header("content-type").orElse("").replaceFirst(";.*", "").strip();
    boolean isJson =
        type.equalsIgnoreCase("application/json")
            || (verb == PATCH && type.equalsIgnoreCase("application/merge-patch+json"));
    if (!isJson || request.header("content-encoding").isPresent()) {
      throw Problem.of(
          Problem.Kind.MEDIA_TYPE, "Send the body as 'Content-Type: application/json', unpacked.");
    }
  }

  /// Asks again whether a caller may, for answers that last.
  @FunctionalInterface
  public interface Check {
    void stillAdmitted() throws Problem;
  }

  /// A request that was let in.
  ///
  /// @param call still without its body
  public record Admitted(Route route, Call call, Check check) {

    /// Whether a body is to be read.
    public boolean hasBody() {
      return route.verb().changes() && route.verb() != DELETE;
    }

    /// The answer. Blocks; for a virtual thread.
    public Answer answer(byte[] body) throws InterruptedException {
      try {
        return route
            .endpoint()
            .answer(new Call(call.target(), call.names(), call.headers(), call.principal(), body));
      } catch (Problem problem) {
        return problem.answer();
      } catch (TooLargeException tooLarge) {
        return KeyEndpoints.tooLarge(tooLarge).answer();
      }
    }
  }
}
