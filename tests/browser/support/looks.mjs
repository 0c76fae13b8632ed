// Pictures of what a place looks like: at three widths, light and dark; and what is wrong with it for any eye.

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { still } from "./axe.mjs";
import { watched } from "./browser.mjs";
import { program } from "./stage.mjs";

const SIZES = [[390, 844], [1024, 768], [1600, 1000]];

/** The least size of text, in pixels. */
const LEAST_TEXT = 12;

/**
 * Opens a page at every width and in both themes by `start`, has `states` go through what is worth looking at, and
 * takes a picture of each; the states that are wider than their window, and those with text too small to read.
 */
export async function pictures(label, start, states) {
  const folder = join(program("OUT"), "screenshots");
  mkdirSync(folder, { recursive: true });
  const faults = [];
  for (const [width, height] of SIZES) {
    for (const theme of ["light", "dark"]) {
      const { page } = await start({ theme, width, height });
      await watched(page, `${label} ${width} ${theme}`, () =>
        states(page, async (state) => {
          await still(page);
          await page.screenshot({ path: join(folder, `${state}-${width}-${theme}.png`) });
          const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          if (over > 0) faults.push(`${state} at ${width}: ${over} px too wide`);
          const { seen, small } = await smallText(page, LEAST_TEXT);
          if (seen === 0) faults.push(`${state} at ${width}: no text is seen`);
          faults.push(...small.map((text) => `${state} at ${width}: ${text}`));
        }),
      );
      await page.close({ runBeforeUnload: false });
    }
  }
  return faults;
}

/** How many texts are seen, those of fields and of what CSS writes among them, and which are under a size in pixels. */
export function smallText(page, least) {
  return page.evaluate((least) => {
    const small = new Set();
    let seen = 0;
    const look = (text, { fontSize }, element) => {
      seen += 1;
      if (parseFloat(fontSize) < least) small.add(`${fontSize} in <${element.localName} class="${element.className}">: ${text.trim().slice(0, 40)}`);
    };
    for (const element of document.body.querySelectorAll("*")) {
      // What is said only, or hidden, is not read by an eye.
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || element.closest(".visually-hidden")) continue;
      const own = [...element.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE).map(({ data }) => data).join("");
      if (own.trim()) look(own, getComputedStyle(element), element);
      if (element.matches("textarea, select, input:not([type=file], [type=range], [type=checkbox], [type=radio], [type=color])")) {
        look(element.value, getComputedStyle(element), element);
      }
      for (const part of ["::before", "::after"]) {
        const style = getComputedStyle(element, part);
        if (/"[^"]/.test(style.content)) look(style.content, style, element);
      }
    }
    return { seen, small: [...small] };
  }, least);
}
