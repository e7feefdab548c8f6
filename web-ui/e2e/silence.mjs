// One of three nodes has stopped: the others say so, and since when.
import assert from "node:assert/strict";
import { given, rest, run, shot, key } from "./browser.mjs";

await run(async ({ open, step, witness }) => {
  step("saying who is silent");
  const page = await open(given.link);
  const gone = given.nodes[2].name;
  await page.locator("h1", { hasText: new RegExp(`No news from ${gone} for \\d`) }).waitFor();
  await page.locator(`tr[data-member="${gone}"][data-level="warn"]`).waitFor();

  step("showing how far it is behind");
  await rest(0, "PUT", key("main", "while/away"), 1);
  await page.locator(".vectors td.differs").first().waitFor();
  assert.ok((await page.locator(".vectors .missing").first().innerText()).startsWith("−"));
  await shot(page, "cluster-silent-light", { fullPage: true });
  await page.emulateMedia({ colorScheme: "dark" });
  await shot(page, "cluster-silent-dark", { fullPage: true });
  witness.requireQuiet();
});
