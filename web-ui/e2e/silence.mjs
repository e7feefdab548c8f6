// One of three nodes is cut off from the others, and lives: every page says what it knows, and how old.
//
// Whoever runs this cuts the node off before, and heals it when it reads HEAL.
import assert from "node:assert/strict";
import { given, rest, run, shot, key, until } from "./browser.mjs";

await run(async ({ open, step, witness }) => {
  step("saying who is silent, on either side");
  const page = await open(given.link);
  const gone = given.nodes[2].name;
  await page.locator("h1", { hasText: new RegExp(`No news from ${gone} for \\d`) }).waitFor();
  await page.locator(`tr[data-member="${gone}"][data-level="warn"]`).waitFor();
  await page.locator(".headline .todo").getByText("Both sides take writes meanwhile").waitFor();
  await page.locator(`[data-oldest="${gone}"]`).waitFor();
  const apart = await open(given.nodes[2].url);
  await apart.getByLabel("Token").fill(given.token);
  await apart.getByRole("button", { name: "Sign in" }).click();
  await apart.locator("h1", { hasText: /No news from node-1 for \d/ }).waitFor();
  await apart.locator(".findings", { hasText: "No news from node-2" }).waitFor();
  assert.equal(await apart.locator("tr[data-member]").count(), 3, "the whole cluster, as last heard");

  step("showing how far it is behind");
  await rest(0, "PUT", key("main", "while/away"), 1);
  await page.locator(".vectors td.differs").first().waitFor();
  assert.ok((await page.locator(".vectors .missing").first().innerText()).startsWith("−"));
  await page.locator(`[data-lag="node-1|${gone}"]`, { hasText: /^1$/ }).waitFor();
  await page.locator(".topology").getByText("no link").waitFor();

  step("writing on the side that is alone");
  await apart.goto(`${given.nodes[2].url}/#/data/main?key=${encodeURIComponent("while/alone")}`);
  await apart.getByText("New key").click();
  await apart.locator("#new-name").fill("while/alone");
  await apart.locator("#new-value").fill("written alone");
  await apart.getByRole("button", { name: "Write", exact: true }).click();
  await apart.locator(".value-pane").getByText("written alone").waitFor();
  await apart.locator(".freshness", { hasText: /No news from node-1 \(\d.*node-2 \(\d.* is not here yet/ }).waitFor();
  await apart.goto(`${given.nodes[2].url}/#/`);
  await apart.locator(`[data-lag="${gone}|node-1"]`, { hasText: /^1$/ }).waitFor();
  await shot(page, "cluster-silent-light", { fullPage: true });
  await page.emulateMedia({ colorScheme: "dark" });
  await shot(page, "cluster-silent-dark", { fullPage: true });
  await shot(apart, "cluster-alone-light", { fullPage: true });

  step("coming together again");
  console.log("HEAL");
  await page.locator("h1", { hasText: "3 nodes in step." }).waitFor();
  await apart.locator("h1", { hasText: "3 nodes in step." }).waitFor();
  await until("what was written alone is everywhere", async () => {
    const found = await rest(0, "GET", "main/keys?prefix=while/&form=value");
    return found.body.keys.length === 2;
  });
  await until("nobody lacks anything", async () => (await page.locator("[data-lag]").allInnerTexts()).every((lag) => lag === "0"));
  witness.requireQuiet();
});
