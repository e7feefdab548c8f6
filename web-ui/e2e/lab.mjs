// What a partition would do to this cluster: asked for by clicks, run by the node, read in the report.
import assert from "node:assert/strict";
import { barriers, given, run, shot, until } from "./browser.mjs";

await run(async ({ open, step, witness }) => {
  step("finding the cluster's own nodes");
  const page = await open(given.link);
  await page.getByRole("link", { name: "Lab" }).click();
  for (const node of given.nodes) await page.getByRole("checkbox", { name: node.name }).waitFor();
  assert.ok(await page.getByRole("checkbox", { name: "node-3" }).isChecked());

  step("being told what cannot be");
  await page.getByLabel("From second").fill("5");
  await page.getByLabel("until second").fill("15");
  const more = page.getByLabel("What else happens");
  await more.fill("6s..8s: stop node-9");
  await page.getByRole("button", { name: "Run" }).click();
  await page.getByRole("alert").getByText("no region or node 'node-9'").waitFor();

  step("running");
  await more.fill("6s..8s: stop node-1");
  await page.getByRole("button", { name: "Run" }).click();
  await page.locator("[data-state=running]").waitFor();
  assert.ok(await page.getByRole("button", { name: "Running…" }).isDisabled());
  await page.locator("[data-state=done]").waitFor({ timeout: 120_000 });
  await page.getByText("every check held").waitFor();
  for (const theme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: theme });
    await until(`it is ${theme}`, () => page.evaluate((it) => document.documentElement.dataset.theme === it, theme));
    assert.deepEqual(await barriers(page, `the lab, ${theme}`), []);
    await shot(page, `lab-${theme}`, { fullPage: true });
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 360, height: 740 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 360, `it is ${width} wide`);
  await shot(page, "lab-narrow", { fullPage: true });
  await page.setViewportSize({ width: 1280, height: 860 });

  step("reading the report");
  const opening = page.context().waitForEvent("page");
  await page.getByRole("link", { name: "Open the report" }).click();
  const report = await opening;
  await report.locator("h1").waitFor();
  const text = await report.locator("body").innerText();
  for (const node of given.nodes) assert.ok(text.includes(node.name), `${node.name} is in the report`);
  const colour = await report.locator("svg .line").first().evaluate((it) => getComputedStyle(it).strokeWidth);
  assert.equal(colour, "2px", "its style is let through");
  await shot(report, "lab-report", { fullPage: true });
  witness.requireQuiet();
});
