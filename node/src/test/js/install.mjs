// Installs the clients when the lock file has changed since the last time.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const lock = readFileSync("package-lock.json", "utf8");
const installed = "node_modules/.starling-lock";
if (!existsSync(installed) || readFileSync(installed, "utf8") !== lock) {
  // Not `ci`: some registries have the binaries of some platforms only, and it asks for all.
  const arguments_ = ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts"];
  const done = spawnSync("npm", arguments_, { stdio: "inherit" });
  if (done.status !== 0) process.exit(done.status ?? 1);
  writeFileSync(installed, lock);
}
