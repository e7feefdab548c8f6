import { defineConfig } from "vite";

// The node serves the result under a strict content security policy: no inline script, no inline
// style, nothing from another origin.
export default defineConfig({
  base: "./",
  build: {
    outDir: "target/dist",
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
