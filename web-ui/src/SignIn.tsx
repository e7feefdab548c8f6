import { useState } from "preact/hooks";
import { Mark, Notice } from "./parts/bits";
import { call, Problem } from "./lib/api";
import { print } from "./lib/json";
import { go } from "./lib/route";

const REASONS: Record<string, string> = {
  link: "That link was used before, or is too old. Each one signs in once; ask for another, or use a token.",
};

const EXPIRED = "You are no longer signed in: a session ends after a time, and when its node is started anew. Sign in again to go on where you were.";

export function SignIn({ why, expired, signedIn }: { why: string; expired: boolean; signedIn: () => void }) {
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState<string | null>(REASONS[why] ?? (expired ? EXPIRED : null));
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await call("POST", "/api/v1/session", print({ token }));
      setToken("");
      if (why) go("#/");
      signedIn();
    } catch (refused) {
      if (!(refused instanceof Problem)) throw refused;
      setProblem(refused.message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <main class="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <Mark />
        <h1>Sign in to this node</h1>
        <p class="faint">Follow the link that the node printed when it started, or paste a token.</p>
        {problem && <Notice level="warn">{problem}</Notice>}
        <label for="token">Token</label>
        <input
          id="token"
          name="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          placeholder="st_…"
          required
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        <button type="submit" class="primary" disabled={busy || token === ""}>
          {busy ? "Signing in…" : "Sign in"}
        </button>
      </form>
    </main>
  );
}
