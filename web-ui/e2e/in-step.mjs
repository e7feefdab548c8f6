// Three nodes in step: signing in, live data, disputes, edits, hostile text, paging, looks.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { given, key, rest, run, shot, until } from "./browser.mjs";

const HOSTILE = [
  "<img src=x onerror=alert(1)>",
  "</script><script>alert(2)</script>",
  "\u202Egnp.live\u2066",
  "javascript:alert(3)",
  "{{constructor.constructor('alert(4)')()}}",
  "'\"><svg onload=alert(5)>",
  "a\u0000b".replace("\u0000", "\u0001"),
  "..",
  "__proto__",
  "x".repeat(900),
];

const dataPage = (node, name, prefix = "") => {
  const query = new URLSearchParams({ ...(prefix ? { prefix } : {}), ...(name === undefined ? {} : { key: name }) });
  return `${given.nodes[node].url}/#/data/main?${query}`;
};

await run(async ({ open, step, witness }) => {
  step("signing in by link");
  const one = await open(given.link);
  await one.locator("h1", { hasText: "3 nodes in step." }).waitFor();
  assert.equal(new URL(one.url()).search, "", "the code is gone from the address");
  for (const { name } of given.nodes) {
    await one.locator(`tr[data-member="${name}"][data-level="good"]`).waitFor();
  }
  const cookies = await one.context().cookies();
  assert.ok(cookies.length > 0 && cookies.every((cookie) => cookie.httpOnly && cookie.sameSite === "Strict"));

  step("following a link twice");
  const again = await open(given.link);
  await again.getByText("That link was used before").waitFor();
  await again.close();

  step("signing in by token on another node, without signing out of the first");
  const two = await open(given.nodes[1].url);
  await two.getByLabel("Token").fill("st_wrong_token");
  await two.getByRole("button", { name: "Sign in" }).click();
  await two.getByText("not known here").waitFor();
  await two.getByLabel("Token").fill(given.token);
  await two.getByRole("button", { name: "Sign in" }).click();
  await two.locator("h1", { hasText: "3 nodes in step." }).waitFor();
  await one.reload();
  await one.locator("h1", { hasText: "3 nodes in step." }).waitFor();

  step("seeing a write of one node arrive on another's page");
  await two.goto(dataPage(1, undefined, "live/"));
  await two.getByText("No key begins like this").waitFor();
  await two.locator(".live.live:not(.connecting)").waitFor();
  await rest(0, "POST", key("main", "live/visits"), { op: "increment", amount: 41 });
  const listed = two.locator('[data-key="live/visits"]');
  await listed.waitFor();
  await listed.click();
  await two.locator("output.total", { hasText: /^41$/ }).waitFor();
  await rest(2, "POST", key("main", "live/visits"), { op: "increment" });
  await two.locator("output.total", { hasText: /^42$/ }).waitFor();
  await one.locator(".activity").getByText("live/visits").first().waitFor();

  step("editing on the page, read on another node");
  await two.getByRole("button", { name: "Count one up" }).click();
  await two.locator("output.total", { hasText: /^43$/ }).waitFor();
  await two.goto(dataPage(1));
  await two.getByText("New key").click();
  await two.locator("#new-name").fill("docs/bern");
  await two.locator("#new-kind").selectOption("map");
  await two.locator("#new-value").fill('{"name":"Bern","population":134591,"geo":{"lat":46.948,"lon":7.4474},"big":9007199254740993}');
  await two.getByRole("button", { name: "Write", exact: true }).click();
  await two.getByText("9007199254740993").last().waitFor();
  await two.getByRole("button", { name: "+ field" }).last().click();
  await two.getByLabel("Name of the field").fill("canton");
  await two.getByLabel("Value of the field").fill("BE");
  await two.getByRole("button", { name: "Add", exact: true }).last().click();
  await two.locator(".fields").getByText("BE", { exact: true }).waitFor();
  await until("the document on another node", async () => {
    const found = await rest(2, "GET", "main/keys?prefix=docs/&form=value");
    return found.body.keys[0]?.value?.canton === "BE";
  });
  await rest(0, "POST", key("main", "docs/bern"), [
    { op: "add", fields: ["tags"], elements: ["capital", "river", "unesco"] },
    { op: "increment", fields: ["visits"], amount: 1402 },
    { op: "flag", fields: ["open"] },
  ]);
  await two.locator(".fields .elements").getByText("unesco").waitFor();

  step("showing concurrent values side by side, and settling them");
  const before = await rest(0, "PUT", key("main", "status/motd"), "All systems calm");
  await rest(1, "GET", key("main", "status/motd"), undefined, before.token);
  await rest(0, "PUT", key("main", "status/motd"), "Maintenance at noon", before.token);
  await rest(1, "PUT", key("main", "status/motd"), { text: "Closed", until: "2026-12-24" }, before.token);
  await two.goto(dataPage(1, "status/motd"));
  await two.locator(".side-by-side .card").nth(1).waitFor();
  await two.getByText("2 values were written concurrently").waitFor();
  await two.locator(".card", { hasText: given.nodes[0].name }).getByText("Maintenance at noon").waitFor();
  await two.locator(".card", { hasText: given.nodes[1].name }).getByText("Closed").waitFor();
  await shot(two, "data-concurrent-light");
  await two.emulateMedia({ colorScheme: "dark" });
  await shot(two, "data-concurrent-dark");
  await two.emulateMedia({ colorScheme: "light" });
  await two.locator(".card", { hasText: "Maintenance" }).getByRole("button", { name: "Keep this one" }).click();
  await until("one value is left", async () => (await two.locator(".side-by-side").count()) === 0);
  await two.locator(".register-view").getByText("Maintenance at noon").waitFor();

  step("showing two types at one key, and removing them");
  await two.goto(dataPage(1, "both"));
  await two.locator(".conflict-view .card").nth(1).waitFor();
  await two.locator(".conflict-view .card").getByText("Open at nine").waitFor();
  await two.locator(".conflict-view .card").getByText("closed on Sundays").waitFor();
  await shot(two, "data-types-light");
  await two.getByRole("button", { name: "Keep the set" }).click();
  await two.locator(".elements").getByText("closed on Sundays").waitFor();
  await until("the set alone on the third node", async () => {
    const found = await rest(2, "GET", "main/keys?prefix=both&form=value");
    return found.body.keys[0]?.type === "set" && found.body.keys[0].value[0] === "closed on Sundays";
  });
  await two.getByRole("button", { name: "Remove…" }).click();
  await two.getByRole("button", { name: "Remove", exact: true }).click();
  await until("nothing is left on the third node", async () => {
    const found = await rest(2, "GET", "main/keys?prefix=both");
    return found.body.keys.length === 0;
  });

  step("editing each type");
  await rest(0, "POST", "main/transactions", {
    mutations: [
      { key: "types/set", op: "add", elements: Array.from({ length: 250 }, (_, i) => i) },
      { key: "types/flag", op: "flag" },
      { key: "types/all", op: "set", rule: "all", value: "one" },
      { key: "types/counter", op: "increment", amount: 7 },
    ],
  });
  await one.goto(dataPage(0, "types/set"));
  await one.getByText("200 elements shown, more follow").waitFor();
  await one.getByRole("button", { name: "Show more" }).click();
  await one.getByText("250 elements").waitFor();
  await one.getByRole("button", { name: "Remove the element 0", exact: true }).click();
  await until("the element is gone elsewhere", async () => (await rest(2, "GET", key("main", "types/set"))).body.value.length === 249);
  await one.goto(dataPage(0, "types/flag"));
  await one.getByRole("switch").click();
  await one.getByText("Nothing is at this key").waitFor();
  await one.goto(dataPage(0, "types/all"));
  await one.getByRole("button", { name: "Edit" }).click();
  await one.getByLabel("Value: text or JSON").fill('{"two": 2}');
  await one.getByRole("button", { name: "Write", exact: true }).last().click();
  await one.locator(".value-pane .json").getByText("two").waitFor();
  assert.deepEqual((await rest(0, "GET", key("main", "types/all"))).body.value, [{ two: 2 }]);
  await one.goto(dataPage(0, "types/counter"));
  await one.locator("output.total", { hasText: /^7$/ }).waitFor();
  await one.getByRole("button", { name: "Reset" }).click();
  await one.locator("output.total", { hasText: /^0$/ }).waitFor();

  step("doing from a shell what a click does");
  await one.locator(".counter-view").getByRole("button", { name: "As commands" }).click();
  const forms = one.locator(".popover:popover-open");
  assert.equal(await forms.locator('[data-form="command"]').first().innerText(), "starling incr types/counter 10");
  const curl = await forms.locator('[data-form="curl"]').first().innerText();
  assert.ok(curl.includes("Starling-Token: "), curl);
  execFileSync("sh", ["-c", curl], { env: { ...process.env, TOKEN: given.token } });
  await one.keyboard.press("Escape");
  await one.locator("output.total", { hasText: /^10$/ }).waitFor();
  await one.goto(`${given.nodes[0].url}/#/`);

  step("finding batches by node and key");
  await one.goto(`${given.nodes[0].url}/#/activity?key=${encodeURIComponent("types/c")}`);
  await one.locator(".activity li").first().waitFor();
  assert.ok((await one.locator(".activity li").allInnerTexts()).every((line) => line.includes("types/c")));
  await one.getByLabel("Written by").selectOption({ label: given.nodes[1].name });
  await one.getByText("No batch of this kind lately").waitFor();
  await one.getByRole("button", { name: "Clear" }).click();
  await one.locator(".activity").getByText("status/motd").first().waitFor();
  await one.goto(`${given.nodes[0].url}/#/`);

  step("showing hostile keys and values as text");
  for (const [i, name] of HOSTILE.entries()) {
    const value = HOSTILE[(i + 3) % HOSTILE.length];
    const mutations = [{ key: name, op: "set", value: i % 2 ? value : { [value]: [value] } }];
    await rest(0, "POST", "main/transactions", { mutations });
  }
  const hostileSpace = given.nodes[1].url;
  for (const name of HOSTILE) {
    await two.goto(`${hostileSpace}/#/data/main?${new URLSearchParams({ key: name })}`);
    await two.locator(".key-page .json").first().waitFor();
    const shown = await two.locator(".key-head .crumbs").innerText();
    if (name.startsWith("<img")) assert.ok(shown.includes("<img src=x onerror=alert(1)>"), shown);
    if (name.includes("\u202E")) assert.ok(shown.includes("U+202E"), shown);
  }
  assert.equal(await two.locator("main img, main script, main iframe, main svg[onload]").count(), 0);
  await shot(two, "data-hostile-light");
  await one.locator(".activity").getByText("<img src=x onerror=alert(1)>").first().waitFor();
  witness.requireQuiet();

  step("paging by seek");
  const many = Array.from({ length: 120 }, (_, i) => ({ key: `page/${String(i).padStart(3, "0")}`, op: "set", value: i }));
  await rest(0, "POST", "main/transactions", { mutations: many });
  await two.goto(dataPage(1, undefined, "page/"));
  await two.locator('[data-key="page/049"]').waitFor();
  assert.equal(await two.locator('[data-key="page/050"]').count(), 0);
  await two.getByRole("button", { name: "Next" }).click();
  await two.locator('[data-key="page/099"]').waitFor();
  await two.getByRole("button", { name: "Next" }).click();
  await two.locator('[data-key="page/119"]').waitFor();
  assert.ok(await two.getByRole("button", { name: "Next" }).isDisabled());
  await two.getByRole("button", { name: "Back" }).click();
  await two.locator('[data-key="page/050"]').waitFor();

  step("creating a space that shows up on another node");
  await two.getByText("New space").click();
  await two.locator("#space-name").fill("orders");
  await two.getByRole("button", { name: "Create" }).click();
  await two.getByText("This space is empty").waitFor();
  await until("the space on the first node", async () => {
    const found = await fetch(`${given.nodes[0].url}/api/v1/spaces`, { headers: { Authorization: `Bearer ${given.token}` } });
    return (await found.json()).spaces.some((space) => space.name === "orders");
  });

  step("going by keyboard");
  await one.bringToFront();
  await one.reload();
  await one.locator("h1").waitFor();
  await one.keyboard.press("Tab");
  assert.equal(await one.evaluate(() => document.activeElement?.textContent), "Skip to content");
  await one.keyboard.press("Tab");
  await one.keyboard.press("Tab");
  await one.keyboard.press("Tab");
  assert.equal(await one.evaluate(() => document.activeElement?.textContent), "Data");
  assert.notEqual(await one.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), "none");
  await one.keyboard.press("Enter");
  await one.getByPlaceholder("Keys that begin with…").waitFor();
  await one.locator(".key-list a").first().waitFor();
  await one.evaluate(() => document.activeElement?.blur());
  await one.keyboard.press("j");
  await one.keyboard.press("j");
  assert.ok(await one.evaluate(() => document.activeElement === document.querySelectorAll(".key-list a")[1]), "the second key has the focus");
  await one.keyboard.press("/");
  assert.equal(await one.evaluate(() => document.activeElement?.id), "prefix");
  await one.keyboard.press("Escape");
  await one.keyboard.press("?");
  await one.getByRole("dialog", { name: "Keyboard" }).waitFor();
  await one.keyboard.press("Escape");
  await one.keyboard.press("g");
  await one.keyboard.press("n");
  await one.locator("h1.page-title", { hasText: given.nodes[0].name }).waitFor();
  await one.keyboard.press("g");
  await one.keyboard.press("c");
  await one.locator("h1", { hasText: "3 nodes in step." }).waitFor();

  step("knowing of all nodes, and of the own links");
  assert.equal(await one.locator("[data-lag]").count(), 9);
  await until("no lag is left", async () => (await one.locator("[data-lag]").allInnerTexts()).every((lag) => lag === "0"));
  await one.getByRole("button", { name: "Round trip" }).click();
  assert.match(await one.locator(`[data-round-trip="${given.nodes[1].name}"]`).innerText(), /\d (µs|ms)|not measured/);
  assert.equal(await one.getByText("not known here", { exact: true }).count(), 2);
  await one.locator(".topology").getByRole("link", { name: `${given.nodes[1].name}: in step` }).click();
  await one.locator("h1.page-title", { hasText: given.nodes[1].name }).waitFor();
  await one.getByText("has all of its batches that are known here").first().waitFor();

  step("looking at it");
  await one.goto(`${given.nodes[0].url}/#/`);
  await one.locator("h1", { hasText: "in step" }).waitFor();
  await shot(one, "cluster-light", { fullPage: true });
  await one.getByRole("button", { name: "Dark colours" }).click();
  await until("it is dark", () => one.evaluate(() => document.documentElement.dataset.theme === "dark"));
  await shot(one, "cluster-dark", { fullPage: true });
  await one.goto(dataPage(0, "docs/bern"));
  await one.locator(".fields").first().waitFor();
  await shot(one, "data-dark");
  await one.getByRole("button", { name: "Light colours" }).click();
  await until("it is light", () => one.evaluate(() => document.documentElement.dataset.theme === "light"));
  await shot(one, "data-light");
  await one.setViewportSize({ width: 360, height: 740 });
  for (const [name, address] of [["cluster", "#/"], ["data", "#/data/main"], ["key", dataPage(0, "docs/bern").split("/").slice(3).join("/")]]) {
    await one.goto(`${given.nodes[0].url}/${address}`);
    await one.locator(name === "cluster" ? "h1" : name === "data" ? ".key-list li" : ".fields").first().waitFor();
    const width = await one.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 360, `${name} is ${width} wide`);
    await shot(one, `${name}-narrow`, { fullPage: true });
  }
  await one.setViewportSize({ width: 1280, height: 860 });
  witness.requireQuiet();

  step("signing out");
  await one.getByRole("button", { name: "Sign out" }).click();
  await one.getByLabel("Token").waitFor();
  await shot(one, "sign-in");

  step("making sure that a violation would have been seen");
  await one.evaluate(() => {
    const image = document.createElement("img");
    image.src = "https://elsewhere.invalid/x.png";
    document.body.append(image);
  });
  await until("the violation is reported", async () => witness.violations.length > 0);
});
