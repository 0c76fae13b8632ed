// What axe, the checker of accessibility, finds on a page.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { program } from "./stage.mjs";

const require = createRequire(join(program("DRIVER"), "package.json"));
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** Waits until what fades or slides in is there: a color half way is no color of the design. */
export async function still(page) {
  await page.evaluate(async () => {
    const moving = document.getAnimations().filter(({ effect }) => Number.isFinite(effect.getComputedTiming().endTime));
    await Promise.allSettled(moving.map(({ finished }) => finished));
  });
}

/** What it finds serious or critical on the page as it is. */
export async function serious(page) {
  await still(page);
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    return grave.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(" | ")}`);
  });
}
