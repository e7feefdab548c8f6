import { render } from "preact";
import { useCallback, useState } from "preact/hooks";
import { Cluster } from "./cluster/Cluster";
import { Data } from "./data/Data";
import { Foreign, Id, Mark } from "./parts/bits";
import { SignIn } from "./SignIn";
import { call, type Problem } from "./lib/api";
import { usePolled } from "./lib/live";
import { dataLink, useRoute } from "./lib/route";
import type { NodeStatus } from "./lib/status";
import { useTheme } from "./lib/theme";
import "./styles.css";

function Dashboard() {
  const theme = useTheme();
  const route = useRoute();
  const [signedOut, setSignedOut] = useState(route.page === "signed-out");
  const signedIn = useCallback(() => setSignedOut(false), []);
  if (signedOut) return <SignIn why={route.page === "signed-out" ? route.why : ""} signedIn={signedIn} />;
  return <Signed theme={theme} leave={() => setSignedOut(true)} />;
}

function Signed({ theme, leave }: { theme: { dark: boolean; toggle: () => void }; leave: () => void }) {
  const route = useRoute();
  const refused = (problem: Problem) => {
    if (problem.status === 401) leave();
  };
  const polled = usePolled<NodeStatus>("/api/v1/status", 1000, refused);
  const signOut = async () => {
    await call("DELETE", "/api/v1/session");
    leave();
  };
  const status = polled.value;
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
        </nav>
        <div class="here">
          {status && (
            <>
              <Foreign text={status.name} /> <Id id={status.id} />
            </>
          )}
        </div>
        <button type="button" class="quiet" onClick={theme.toggle} aria-label={theme.dark ? "Light colours" : "Dark colours"} title={theme.dark ? "Light colours" : "Dark colours"}>
          {theme.dark ? "☀" : "☾"}
        </button>
        <button type="button" class="quiet" onClick={() => void signOut()}>
          Sign out
        </button>
      </header>
      <main id="main" tabIndex={-1} class={`page-${route.page}`}>
        {route.page === "data" ? <Data route={route} status={status} /> : <Cluster polled={polled} />}
      </main>
    </>
  );
}

const mount = document.getElementById("dashboard");
if (mount) render(<Dashboard />, mount);
