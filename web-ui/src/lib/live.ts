// Data that keeps itself up to date, and rests while nobody looks.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { get, Problem, space } from "./api";

export interface Polled<T> {
  /** What the node said last. */
  value: T | null;
  /** The local time of that, in milliseconds. */
  at: number;
  problem: Problem | null;
}

/** Asks again and again while the page is seen. */
export function usePolled<T>(path: string, everyMillis: number, onProblem?: (problem: Problem) => void): Polled<T> {
  const [polled, setPolled] = useState<Polled<T>>({ value: null, at: 0, problem: null });
  useEffect(() => {
    const stop = new AbortController();
    let timer = 0;
    const ask = async () => {
      clearTimeout(timer);
      try {
        const value = await get<T>(path, stop.signal);
        setPolled({ value, at: Date.now(), problem: null });
      } catch (problem) {
        if (stop.signal.aborted) return;
        if (!(problem instanceof Problem)) throw problem;
        setPolled((before) => ({ ...before, problem }));
        onProblem?.(problem);
      }
      if (!stop.signal.aborted && !document.hidden) timer = window.setTimeout(ask, everyMillis);
    };
    const seen = () => {
      if (!document.hidden) void ask();
    };
    document.addEventListener("visibilitychange", seen);
    void ask();
    return () => {
      stop.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [path, everyMillis]);
  return polled;
}

/** A time that goes on, for ages on screen. */
export function useNow(everyMillis = 500): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMillis);
    return () => clearInterval(timer);
  }, [everyMillis]);
  return now;
}

export type WatchState = "connecting" | "live" | "broken";

/** How a watch goes, and since when it is not live; null while it is, or before it was. */
export interface Watched {
  state: WatchState;
  lostAt: number | null;
}

/**
 * Watches keys under a prefix and calls back with those that changed; with null when anything may
 * have. One stream for a page, since browsers allow few, and none while the page is hidden.
 */
export function useWatch(name: string, prefix: string, changed: (keys: string[] | null) => void): Watched {
  const [watched, setWatched] = useState<Watched>({ state: "connecting", lostAt: null });
  const setState = (state: WatchState) =>
    setWatched((before) => ({ state, lostAt: state === "live" ? null : before.state === "live" ? Date.now() : before.lostAt }));
  const callback = useRef(changed);
  callback.current = changed;
  useEffect(() => {
    let stop: AbortController | null = null;
    let again = 0;
    const follow = async (signal: AbortSignal) => {
      setState("connecting");
      let hasBegun = false;
      try {
        // It need not go on for long by itself: beginning anew and reading again is as good here.
        for await (const group of space(name).watch({ prefix, form: "none", from: "now", signal, giveUpMillis: 0 })) {
          if (signal.aborted) return;
          setState("live");
          if (!hasBegun || group.kind === "state") callback.current(null);
          else if (group.entries.length > 0) callback.current(group.entries.map((entry) => entry.key));
          hasBegun = true;
        }
      } catch (problem) {
        if (signal.aborted) return;
        if (!(problem instanceof Problem)) throw problem;
        setState("broken");
        again = window.setTimeout(open, 2_000);
      }
    };
    const open = () => {
      close();
      if (document.hidden) return;
      stop = new AbortController();
      void follow(stop.signal);
    };
    const close = () => {
      clearTimeout(again);
      stop?.abort();
      stop = null;
    };
    const seen = () => (document.hidden ? close() : open());
    document.addEventListener("visibilitychange", seen);
    open();
    return () => {
      document.removeEventListener("visibilitychange", seen);
      close();
    };
  }, [name, prefix]);
  return watched;
}

/** Runs something at most once in a while, the last call not lost. */
export function useCalm(action: () => void, millis: number): () => void {
  const latest = useRef(action);
  latest.current = action;
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    if (timer.current) return;
    timer.current = window.setTimeout(() => {
      timer.current = 0;
      latest.current();
    }, millis);
  }, [millis]);
}
