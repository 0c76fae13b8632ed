// Pictures of what a place looks like: at three widths, light and dark.

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { still } from "./axe.mjs";
import { watched } from "./browser.mjs";
import { program } from "./stage.mjs";

const SIZES = [[390, 844], [1024, 768], [1600, 1000]];

/**
 * Opens a page at every width and in both themes by `start`, has `states` go through what is worth looking at, and
 * takes a picture of each; the states that are wider than their window.
 */
export async function pictures(label, start, states) {
  const folder = join(program("OUT"), "screenshots");
  mkdirSync(folder, { recursive: true });
  const wide = [];
  for (const [width, height] of SIZES) {
    for (const theme of ["light", "dark"]) {
      const { page } = await start({ theme, width, height });
      await watched(page, `${label} ${width} ${theme}`, () =>
        states(page, async (state) => {
          await still(page);
          await page.screenshot({ path: join(folder, `${state}-${width}-${theme}.png`) });
          const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          if (over > 0) wide.push(`${state} at ${width}: ${over} px too wide`);
        }),
      );
      await page.close({ runBeforeUnload: false });
    }
  }
  return wide;
}
