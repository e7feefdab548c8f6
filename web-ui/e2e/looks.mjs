// Every page in both themes and in a narrow window: axe, pictures; the first paint; a reader's pages.
import assert from "node:assert/strict";
import { barriers, given, rest, run, shot, until } from "./browser.mjs";

await run(async ({ open, step, witness }) => {
  // All of them, so that one run tells everything.
  const found = [];
  const look = async (of, name) => found.push(...(await barriers(of, name)));
  step("painting for the first time");
  const page = await open(`${given.nodes[1].url}/`);
  await page.getByLabel("Token").waitFor();
  const paint = await page.evaluate(() => performance.getEntriesByType("paint").map((it) => [it.name, Math.round(it.startTime)]));
  console.log(`first paint: ${paint.map(([name, millis]) => `${name} ${millis} ms`).join(", ")}`);
  for (const theme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: theme });
    await until(`it is ${theme}`, () => page.evaluate((it) => document.documentElement.dataset.theme === it, theme));
    await look(page, `sign-in, ${theme}`);
    await shot(page, `sign-in-${theme}`);
  }
  await page.getByLabel("Token").fill(given.token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.locator("h1", { hasText: "in step" }).waitFor();
  const status = await (await fetch(`${given.nodes[1].url}/api/v1/status`, { headers: { Authorization: `Bearer ${given.token}` } })).json();
  const other = status.members.find((member) => member.id !== status.id);

  step("writing what is looked at");
  const seen = (await rest(0, "PUT", "main/keys/looks%2Fdisputed", "first")).token;
  await rest(1, "GET", "main/keys/looks%2Fdisputed", undefined, seen);
  await rest(0, "PUT", "main/keys/looks%2Fdisputed", "here", seen);
  const last = await rest(1, "PUT", "main/keys/looks%2Fdisputed", { text: "there" }, seen);
  await rest(1, "POST", "main/transactions", {
    mutations: [
      { key: "looks/counter", op: "increment", amount: 1402 },
      { key: "looks/set", op: "add", elements: ["river", 1, { a: [null, true] }] },
      { key: "looks/flag", op: "flag" },
      { key: "looks/map", op: "merge", patch: { name: "Bern", geo: { lat: 46.9 } } },
    ],
  });
  assert.ok(last.token);

  const pages = {
    cluster: ["#/", ".topology"],
    "node-own": [`#/node/${status.id}`, "#others"],
    "node-other": [`#/node/${other.id}`, "#others"],
    activity: ["#/activity", ".activity li"],
    keys: ["#/data/main", ".key-list li"],
    disputed: ["#/data/main?key=looks%2Fdisputed", ".side-by-side"],
    counter: ["#/data/main?key=looks%2Fcounter", "output.total"],
    set: ["#/data/main?key=looks%2Fset", ".elements li"],
    flag: ["#/data/main?key=looks%2Fflag", "[role=switch]"],
    map: ["#/data/main?key=looks%2Fmap", ".fields li"],
    nothing: ["#/data/main?key=looks%2Fnothing", ".empty"],
    "no-space": ["#/data/nowhere", ".empty"],
  };
  for (const theme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: theme });
    for (const [name, [address, landmark]] of Object.entries(pages)) {
      step(`looking at ${name}, ${theme}`);
      await page.goto(`${given.nodes[1].url}/${address}`);
      await page.locator(landmark).first().waitFor();
      await look(page, `${name}, ${theme}`);
      await shot(page, `${name}-${theme}`, { fullPage: true });
    }
    step(`looking at what opens, ${theme}`);
    await page.goto(`${given.nodes[1].url}/${pages.counter[0]}`);
    await page.getByText("New key").click();
    await page.locator(".counter-view").getByRole("button", { name: "As commands" }).click();
    await page.locator(".popover:popover-open pre").first().waitFor();
    await look(page, `commands, ${theme}`);
    await shot(page, `commands-${theme}`);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
    await page.locator("dialog[open]").waitFor();
    await look(page, `keyboard, ${theme}`);
    await shot(page, `keyboard-${theme}`);
    await page.keyboard.press("Escape");
  }

  step("looking through a narrow window");
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 360, height: 740 });
  for (const [name, [address, landmark]] of Object.entries(pages)) {
    await page.goto(`${given.nodes[1].url}/${address}`);
    if (name !== "nothing") await page.locator(landmark).first().waitFor({ state: name === "keys" ? "visible" : "attached" });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 360, `${name} is ${width} wide`);
    await shot(page, `${name}-narrow`, { fullPage: true });
  }
  await page.setViewportSize({ width: 1280, height: 860 });

  step("keeping still for who wants no motion");
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto(`${given.nodes[1].url}/#/`);
  await page.locator(".topology").waitFor();
  await page.evaluate(() => {
    window.flights = 0;
    new MutationObserver((changes) => (window.flights += changes.reduce((sum, change) => sum + change.addedNodes.length, 0))).observe(document.querySelector(".flights"), { childList: true });
  });
  await rest(0, "PUT", "main/keys/looks%2Fstill", 1);
  await page.locator(".activity").getByText("looks/still").first().waitFor();
  assert.equal(await page.evaluate(() => window.flights), 0);
  await page.emulateMedia({ reducedMotion: "no-preference" });
  await rest(0, "PUT", "main/keys/looks%2Fmoves", 1);
  await until("a batch flies", () => page.evaluate(() => window.flights > 0));

  step("being a reader");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Token").fill(given.reader);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.locator(".badge.role", { hasText: "reader" }).waitFor();
  await page.goto(`${given.nodes[1].url}/${pages.counter[0]}`);
  await page.locator("output.total").waitFor();
  await page.getByText("your role is reader").waitFor();
  for (const edit of ["Count one up", "Reset", "Remove…"]) assert.equal(await page.getByRole("button", { name: edit }).count(), 0, edit);
  assert.equal(await page.getByText("New key").count() + (await page.getByText("New space").count()), 0);
  await page.goto(`${given.nodes[1].url}/${pages.disputed[0]}`);
  await page.locator(".side-by-side").waitFor();
  assert.equal(await page.getByRole("button", { name: "Keep this one" }).count(), 0);
  await look(page, "a reader's page");
  await shot(page, "reader-light");

  step("saying on every page that the node does not answer, and how old what is shown is");
  const api = `${given.nodes[1].url}/api/**`;
  for (const name of ["counter", "activity", "node-own"]) {
    await page.goto(`${given.nodes[1].url}/${pages[name][0]}`);
    await page.locator(pages[name][1]).first().waitFor();
    await page.route(api, (route) => route.abort());
    await page.locator("[data-age]", { hasText: /^What you see is \d.* old\.$/ }).waitFor();
    await look(page, `${name}, not answered`);
    await shot(page, `${name}-not-answered-light`);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("alert").getByText("You are still signed in").waitFor();
    await page.unroute(api);
    await page.locator("[data-age]").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Dismiss" }).click();
  }

  step("saying why the reader has to sign in again");
  const [cookie] = await page.context().cookies(given.nodes[1].url);
  assert.ok(cookie.httpOnly && cookie.sameSite === "Strict");
  await page.context().clearCookies();
  await page.getByText("You are no longer signed in").waitFor();
  witness.requireQuiet();
  assert.deepEqual(found, [], "axe");
});
