// What axe, the checker of accessibility, finds on a page.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { program } from "./stage.mjs";

const require = createRequire(join(program("DRIVER"), "package.json"));
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** What it finds serious or critical on the page as it is. */
export async function serious(page) {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    return grave.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(" | ")}`);
  });
}
