// A plain value as indented JSON. Text from outside only ever becomes text nodes.
import { Exact, type Json } from "../lib/json";
import { Foreign } from "./bits";

const ITEMS_SHOWN = 500;
const TEXT_SHOWN = 20_000;

export function JsonView({ value, depth = 0 }: { value: Json; depth?: number }) {
  if (value === null) return <span class="j-word">null</span>;
  if (value instanceof Exact) return <span class="j-number">{value.text}</span>;
  if (typeof value === "number") return <span class="j-number">{String(value)}</span>;
  if (typeof value === "boolean") return <span class="j-word">{String(value)}</span>;
  if (typeof value === "string") return <TextView text={value} />;
  if (Array.isArray(value)) return <Group open="[" close="]" depth={depth} items={value.map((item) => [null, item])} />;
  return <Group open="{" close="}" depth={depth} items={Object.entries(value)} />;
}

function TextView({ text }: { text: string }) {
  const shown = text.slice(0, TEXT_SHOWN);
  return (
    <span class="j-text">
      “<Foreign text={shown} />”{shown.length < text.length && <span class="faint"> and {text.length - shown.length} characters more</span>}
    </span>
  );
}

function Group({ open, close, items, depth }: { open: string; close: string; items: [string | null, Json][]; depth: number }) {
  if (items.length === 0) return <span class="j-mark">{open + close}</span>;
  const shown = items.slice(0, ITEMS_SHOWN);
  return (
    <span class="j-group">
      <span class="j-mark">{open}</span>
      {shown.map(([name, item], i) => (
        <span class="j-item" key={i}>
          {name !== null && (
            <>
              <span class="j-name">
                <Foreign text={name} />
              </span>
              <span class="j-mark">: </span>
            </>
          )}
          <JsonView value={item} depth={depth + 1} />
          {i < items.length - 1 && <span class="j-mark">,</span>}
        </span>
      ))}
      {shown.length < items.length && <span class="j-item faint">and {items.length - shown.length} more</span>}
      <span class="j-mark">{close}</span>
    </span>
  );
}
