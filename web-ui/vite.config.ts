import { defineConfig } from "vitest/config";

// The node serves the result under a strict content security policy: no inline script, no inline
// style, nothing from another origin.
export default defineConfig({
  // A test that runs a shell waits for a machine that builds other things, too.
  test: { testTimeout: 30_000 },
  base: "./",
  build: {
    outDir: "target/dist",
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
