// Small parts that every page uses.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { short, visible } from "../lib/format";
import type { Level } from "../lib/status";

/** Text from outside: as it is, in its own direction, with what would not show spelled out. */
export function Foreign({ text, mono }: { text: string; mono?: boolean }) {
  return (
    <bdi class={mono ? "mono" : undefined}>
      {visible(text).map((piece, i) =>
        piece.hidden ? (
          <span key={i} class="hidden-char" title="a character that would not show">
            {piece.text}
          </span>
        ) : (
          piece.text
        ),
      )}
    </bdi>
  );
}

/** A long id: a short form to read, the whole on hover, copied on click. */
export function Id({ id, label }: { id: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard?.writeText(id);
    setCopied(true);
    setTimeout(() => setCopied(false), 1200);
  };
  return (
    <button type="button" class="id" title={copied ? "Copied" : `${id}\nClick to copy`} onClick={() => void copy()}>
      {copied ? "copied" : (label ?? short(id))}
      <span class="visually-hidden"> copy the id</span>
    </button>
  );
}

export function Dot({ level }: { level: Level }) {
  return <span class={`dot ${level}`} aria-hidden="true" />;
}

export function Badge({ kind, children }: { kind: string; children: ComponentChildren }) {
  return <span class={`badge ${kind}`}>{children}</span>;
}

export function Panel({ title, aside, children, id }: { title: string; aside?: ComponentChildren; children: ComponentChildren; id: string }) {
  return (
    <section class="panel" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {aside && <div class="aside">{aside}</div>}
      </header>
      {children}
    </section>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children && <p>{children}</p>}
    </div>
  );
}

// What moves changes every second: too often to be read out.
const ROLES = { good: "status", moving: undefined, warn: "alert", bad: "alert" } as const;

export function Notice({ level, children, onClose }: { level: Level; children: ComponentChildren; onClose?: () => void }) {
  return (
    <div class={`notice ${level}`} role={ROLES[level]}>
      <Dot level={level} />
      <div>{children}</div>
      {onClose && (
        <button type="button" class="quiet" aria-label="Dismiss" onClick={onClose}>
          ✕
        </button>
      )}
    </div>
  );
}

/** The mark: three birds that turn as one. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M2 13c4-3.4 7-3 9.2.6C13 9.4 16 8 21 9.6c-4 .6-6 2.600-7.600 6.400-1.600 3.400-3.800 3-5 .2C7.200 13.800 5.200 12.600 2 13z" />
      <path d="M13 23.400c3-2.500 5.200-2.200 6.800.5 1.300-3 3.500-4.100 7.200-2.900-2.900.4-4.400 1.900-5.600 4.700-1.200 2.500-2.800 2.200-3.700.1-.9-1.700-2.300-2.600-4.700-2.400z" opacity=".75" />
      <path d="M20 7.600c2-1.700 3.500-1.500 4.600.3.900-2 2.400-2.700 4.900-1.900-2 .2-3 1.300-3.800 3.100-.8 1.700-1.900 1.500-2.500.1-.6-1.200-1.600-1.800-3.200-1.600z" opacity=".5" />
    </svg>
  );
}
