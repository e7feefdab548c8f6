import { render } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Activity } from "./cluster/Activity";
import { Cluster } from "./cluster/Cluster";
import { NodePage } from "./cluster/NodePage";
import { Data } from "./data/Data";
import { Keys } from "./Keys";
import { Freshness } from "./parts/Freshness";
import { Badge, Empty, Foreign, Mark, Notice } from "./parts/bits";
import { Lab } from "./lab/Lab";
import { SignIn } from "./SignIn";
import { call, get, Problem } from "./lib/api";
import { useNow, usePolled, type Polled } from "./lib/live";
import { activityLink, dataLink, LAB, nodeLink, useRoute, type Route } from "./lib/route";
import { nameOf, type NodeStatus } from "./lib/status";
import { useTheme } from "./lib/theme";
import "./styles.css";

function Dashboard() {
  const theme = useTheme();
  const route = useRoute();
  const [signedOut, setSignedOut] = useState(route.page === "signed-out");
  const [expired, setExpired] = useState(false);
  const signedIn = useCallback(() => setSignedOut(false), []);
  const leave = (hasExpired: boolean) => {
    setExpired(hasExpired);
    setSignedOut(true);
  };
  if (signedOut) return <SignIn why={route.page === "signed-out" ? route.why : ""} expired={expired} signedIn={signedIn} />;
  return <Signed theme={theme} leave={leave} />;
}

function Signed({ theme, leave }: { theme: { dark: boolean; toggle: () => void }; leave: (hasExpired: boolean) => void }) {
  const route = useRoute();
  const [stuck, setStuck] = useState<string | null>(null);
  const wasIn = useRef(false);
  const refused = (problem: Problem) => {
    if (problem.status === 401) leave(wasIn.current);
  };
  const polled = usePolled<NodeStatus>("/api/v1/status", 1000, refused);
  const status = polled.value;
  wasIn.current ||= status !== null;
  const who = useWho(status !== null);
  useEffect(() => {
    document.title = status ? `${titleOf(route, status)} · ${status.name} · Starling` : "Starling";
  });
  const signOut = async () => {
    try {
      await call("DELETE", "/api/v1/session");
      leave(false);
    } catch (failed) {
      if (!(failed instanceof Problem)) throw failed;
      setStuck(failed.message);
    }
  };
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById("main")?.focus()}>
        Skip to content
      </button>
      <header class="bar">
        <a class="brand" href="#/">
          <Mark />
          <span>Starling</span>
        </a>
        <nav aria-label="Pages">
          <a href="#/" aria-current={route.page === "cluster" ? "page" : undefined}>
            Cluster
          </a>
          <a href={dataLink("main")} aria-current={route.page === "data" ? "page" : undefined}>
            Data
          </a>
          <a href={activityLink()} aria-current={route.page === "activity" ? "page" : undefined}>
            Activity
          </a>
          <a href={LAB} aria-current={route.page === "lab" ? "page" : undefined}>
            Lab
          </a>
        </nav>
        <div class="here">
          {status && (
            <>
              <a href={nodeLink(status.id)} aria-current={route.page === "node" && route.id === status.id ? "page" : undefined}>
                <Foreign text={status.name} />
              </a>{" "}
              {who && <span title={`signed in as ${who.name}`}><Badge kind="role">{who.role}</Badge></span>}
            </>
          )}
        </div>
        <button type="button" class="quiet" onClick={theme.toggle} aria-label={theme.dark ? "Light colours" : "Dark colours"} title={theme.dark ? "Light colours" : "Dark colours"}>
          {theme.dark ? "☀" : "☾"}
        </button>
        <Keys theme={theme.toggle} self={status?.id ?? null} />
        <button type="button" class="quiet" onClick={() => void signOut()}>
          Sign out
        </button>
      </header>
      <main id="main" tabIndex={-1} class={`page-${route.page}`}>
        {stuck && (
          <Notice level="warn" onClose={() => setStuck(null)}>
            You are still signed in: {stuck}
          </Notice>
        )}
        <Page route={route} polled={polled} role={who?.role ?? null} />
      </main>
    </>
  );
}

interface Who {
  name: string;
  role: string;
}

/** Who is signed in; the role says which editors there are. */
function useWho(answers: boolean): Who | null {
  const [who, setWho] = useState<Who | null>(null);
  useEffect(() => {
    if (who) return;
    const stop = new AbortController();
    get<Who>("/api/v1/session", stop.signal).then(setWho, (failed: unknown) => {
      // The status is asked for too, and says what is wrong.
      if (!stop.signal.aborted && !(failed instanceof Problem)) throw failed;
    });
    return () => stop.abort();
  }, [answers]);
  return who;
}

function titleOf(route: Route, status: NodeStatus): string {
  switch (route.page) {
    case "data":
      return route.key ?? route.space;
    case "activity":
      return "Activity";
    case "lab":
      return "Lab";
    case "node":
      return nameOf(route.id, status);
    default:
      return "Cluster";
  }
}

function Page({ route, polled, role }: { route: Route; polled: Polled<NodeStatus>; role: string | null }) {
  if (route.page === "data") {
    return (
      <>
        <Freshness polled={polled} others />
        <Data route={route} status={polled.value} role={role} />
      </>
    );
  }
  if (route.page === "activity" || route.page === "node") return <About route={route} polled={polled} />;
  if (route.page === "lab") {
    return (
      <>
        <Freshness polled={polled} others />
        {polled.value ? <Lab status={polled.value} role={role} /> : <Empty title="Asking the node how it is…" />}
      </>
    );
  }
  return <Cluster polled={polled} />;
}

function About({ route, polled }: { route: Extract<Route, { page: "activity" | "node" }>; polled: Polled<NodeStatus> }) {
  const local = useNow();
  const status = polled.value;
  if (!status) return polled.problem ? <Notice level="bad">{polled.problem.message}</Notice> : <Empty title="Asking the node how it is…" />;
  const now = status.nowMillis + Math.max(0, local - polled.at);
  return (
    <>
      <Freshness polled={polled} others={route.page === "activity"} />
      {route.page === "node" ? <NodePage key={route.id} id={route.id} status={status} now={now} /> : <Activity route={route} status={status} now={now} />}
    </>
  );
}

const mount = document.getElementById("dashboard");
if (mount) render(<Dashboard />, mount);
