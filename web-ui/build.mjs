// Builds the dashboard for Maven: `npm ci` when the lock file has changed since the last one,
// `npm run build` when a source is newer than the last result. Exits as the failing step does.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const [major] = process.versions.node.split(".").map(Number);
if (major < 20) {
  console.error(`web-ui: needs Node.js 20 or later, found ${process.versions.node}`);
  process.exit(1);
}

function run(...arguments_) {
  const done = spawnSync("npm", arguments_, { stdio: "inherit" });
  if (done.error) console.error(`web-ui: cannot run npm: ${done.error.message}`);
  if (done.status !== 0) process.exit(done.status ?? 1);
}

function newest(path) {
  const seen = statSync(path);
  if (!seen.isDirectory()) return seen.mtimeMs;
  return readdirSync(path).reduce((time, name) => Math.max(time, newest(join(path, name))), seen.mtimeMs);
}

const lock = readFileSync("package-lock.json", "utf8");
const installed = "node_modules/.starling-lock";
if (!existsSync(installed) || readFileSync(installed, "utf8") !== lock) {
  run("ci", "--no-audit", "--no-fund", "--loglevel=error");
  writeFileSync(installed, lock);
}

const result = "target/dist/index.html";
const ignored = new Set(["node_modules", "target", "pom.xml"]);
const sources = readdirSync(".").filter((name) => !ignored.has(name));
const changed = Math.max(...sources.map(newest));
if (!existsSync(result) || statSync(result).mtimeMs < changed) {
  mkdirSync("target", { recursive: true });
  run("run", "--silent", "build", "--", "--logLevel", "warn");
}

// The page must stay light: what a browser loads of script, packed.
const SCRIPT_BYTES_MAX = 60_000;
const scripts = readdirSync("target/dist/assets").filter((name) => name.endsWith(".js"));
const packed = scripts.reduce((sum, name) => sum + gzipSync(readFileSync(join("target/dist/assets", name))).length, 0);
if (packed > SCRIPT_BYTES_MAX) {
  console.error(`web-ui: ${packed} bytes of packed script; at most ${SCRIPT_BYTES_MAX} are wanted`);
  process.exit(1);
}
