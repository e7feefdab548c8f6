// A third node takes over the state of another through a thin link: how it comes along is seen on its
// own dashboard, moves, and is over when it is over.
import assert from "node:assert/strict";
import { barriers, given, run, shot, until } from "./browser.mjs";

const FETCHING = /takes over the state of node-[12]: (\d+) %, .*\/s, at most .* left/;

await run(async ({ open, step, witness }) => {
  step("saying how far, how fast and how long");
  const page = await open(given.link);
  const headline = page.locator("h1", { hasText: FETCHING });
  await headline.waitFor();
  const percent = async () => Number(FETCHING.exec(await headline.innerText({ timeout: 5_000 }))[1]);
  const first = await percent();
  await shot(page, "transfer-light", { fullPage: true });
  await page.emulateMedia({ colorScheme: "dark" });
  await shot(page, "transfer-dark", { fullPage: true });
  await page.emulateMedia({ colorScheme: "light" });

  step("moving");
  await until("it is further", async () => (await percent()) > first);

  step("saying it on the node's own page, with a bar");
  const status = await page.evaluate(async () => (await fetch("/api/v1/status")).json());
  await page.goto(`${given.nodes[2].url}/#/node/${status.id}`);
  const bar = page.locator("[data-catching-up=main] progress");
  await bar.waitFor();
  const [value, max] = await bar.evaluate((it) => [it.value, it.max]);
  assert.ok(value > 0 && value < max, `${value} of ${max}`);
  assert.deepEqual(await barriers(page, "a transfer"), []);
  await shot(page, "transfer-node-light", { fullPage: true });
  await page.setViewportSize({ width: 360, height: 740 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 360, `it is ${width} wide`);
  await shot(page, "transfer-node-narrow", { fullPage: true });
  await page.setViewportSize({ width: 1280, height: 860 });

  step("being over");
  await bar.waitFor({ state: "detached" });
  await page.goto(`${given.nodes[2].url}/#/`);
  await page.locator("h1", { hasText: "3 nodes in step" }).waitFor();
  witness.requireQuiet();
});
