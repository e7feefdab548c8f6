// Drives Chromium against running nodes: what the browser tests share.
//
// The caller gives, as JSON in STARLING_E2E: `chromium` (its path), `shots` (a folder for pictures),
// `token` (of an administrator), `link` (a sign-in link of the first node), `nodes` ([{name, url}]).
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

export const given = JSON.parse(process.env.STARLING_E2E ?? "{}");

const WAIT_MILLIS = 30_000;
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What must not happen on any page: dialogs, violations of the content policy, errors. */
export class Witness {
  dialogs = [];
  violations = [];
  errors = [];
  // What has been asked and not answered, for whoever looks into a failure.
  pending = new Map();

  async see(page) {
    page.on("dialog", (dialog) => {
      this.dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("request", (request) => this.pending.set(request, Date.now()));
    page.on("requestfinished", (request) => this.pending.delete(request));
    page.on("requestfailed", (request) => this.pending.delete(request));
    await page.exposeFunction("reportViolation", (what) => this.violations.push(what));
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        window.reportViolation(`${event.violatedDirective} ${event.blockedURI}`);
      });
    });
  }

  requireQuiet() {
    assert.deepEqual(this.dialogs, [], "dialogs");
    assert.deepEqual(this.violations, [], "violations of the content security policy");
    assert.deepEqual(this.errors, [], "errors on the page");
  }
}

/** Runs steps in a fresh browser. Exits with 1 and one line for the step that failed. */
export async function run(steps) {
  mkdirSync(given.shots, { recursive: true });
  const profile = mkdtempSync(join(tmpdir(), "starling-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: given.chromium,
    headless: true,
    args: FLAGS,
    viewport: { width: 1280, height: 860 },
    colorScheme: "light",
    timezoneId: "UTC",
  });
  context.setDefaultTimeout(WAIT_MILLIS);
  const witness = new Witness();
  let step = "opening the browser";
  try {
    await steps({
      witness,
      open: async (url) => {
        const page = await context.newPage();
        await witness.see(page);
        await page.goto(url);
        return page;
      },
      step: (name) => {
        step = name;
        console.log(`- ${name}`);
      },
    });
  } catch (failure) {
    console.error(`FAILED while ${step}: ${failure.stack ?? failure}`);
    for (const [request, since] of witness.pending) {
      console.error(`not answered for ${Date.now() - since} ms: ${request.method()} ${request.url()}`);
    }
    for (const error of [...witness.errors, ...witness.violations]) console.error(`on a page: ${error}`);
    for (const [i, page] of context.pages().entries()) {
      await page.screenshot({ path: join(given.shots, `failure-${i}.png`) }).catch(() => {});
      console.error(`page ${i} at ${page.url()}: ${(await page.innerText("body").catch(() => "")).slice(0, 2000)}`);
    }
    process.exitCode = 1;
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds on a page that is serious or critical. */
export async function barriers(page, name) {
  await page.evaluate(AXE);
  // A colour on its way from one theme to the other is nobody's.
  await page.evaluate(() => {
    const moving = document.getAnimations().filter((it) => it instanceof CSSTransition);
    return Promise.allSettled(moving.map((it) => it.finished));
  });
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const grave = found.violations.filter((it) => it.impact === "serious" || it.impact === "critical");
  assert.ok(found.passes.length > 5, "axe has looked");
  return grave.map((it) => `${name}: ${it.id} (${it.impact}): ${it.nodes.map((node) => `${node.html} ${node.failureSummary}`).join("; ")}`);
}

export async function shot(page, name, options = {}) {
  await page.screenshot({ path: join(given.shots, `${name}.png`), ...options });
}

/** Waits until something holds, as people would look again. */
export async function until(what, holds) {
  const end = Date.now() + WAIT_MILLIS;
  for (;;) {
    if (await holds()) return;
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** A call of the REST API of a node. */
export async function rest(node, method, path, body, token) {
  const answer = await fetch(`${given.nodes[node].url}/api/v1/spaces/${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${given.token}`,
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(token ? { "Starling-Token": token, "Starling-Wait": "60s" } : {}),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return { body: text === "" ? null : JSON.parse(text), token: answer.headers.get("Starling-Token") };
}

export const key = (space, name) => `${space}/keys/${encodeURIComponent(name)}`;
