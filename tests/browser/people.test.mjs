// For everybody: nothing serious for axe in any state, light and dark; all of it by keyboard; pictures of what it looks like.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { serious } from "./support/axe.mjs";
import { chromium, launch, open, scratch, watched } from "./support/browser.mjs";
import { pictures, smallText } from "./support/looks.mjs";
import { delta } from "./support/stage.mjs";
import { augment, listed, pick, studio, turnTo } from "./support/studio.mjs";

let session;
before(async () => (session = await launch()));
after(() => session.close());

/** A drawn dataset as one zip. */
function packed() {
  const folder = join(scratch("people"), "drawn");
  delta(["sample", "-o", folder, "--count", "4", "--labels", "coco"]);
  const zip = join(scratch("people"), "drawn.zip");
  delta(["augment", folder, "-o", zip, "--recipe", "none", "--count", "1", "--seed", "1"]);
  return zip;
}

/** Every state worth looking at, one after the other on one page. */
async function states(page, visit) {
  await visit("welcome");
  await pick(page, packed());
  await listed(page, 4);
  await page.waitForNetworkIdle({ idleTime: 300 }).catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 1200));
  for (const part of ["Data", "Recipe", "Run", "Preview"]) {
    await turnTo(page, part);
    await visit(`studio-${part.toLowerCase()}`);
  }
  await turnTo(page, "Run");
  await augment(page);
  await visit("done");
  await page.evaluate(() => (location.hash = "#settings"));
  await page.waitForFunction(() => document.querySelector("main").innerText.includes("Settings"));
  await visit("settings");
}

for (const theme of ["light", "dark"]) {
  test(`axe finds nothing serious in any state, ${theme}`, async () => {
    const { page } = await studio(session, { theme });
    const found = [];
    await watched(page, `axe ${theme}`, async () => {
      await states(page, async (state) => found.push(...(await serious(page)).map((line) => `${state}: ${line}`)));
      assert.deepEqual(found, []);
    });
    await page.close({ runBeforeUnload: false });
  });
}

test("from the sample to a finished run with the keyboard alone", async () => {
  const { page } = await studio(session);
  await watched(page, "keyboard", async () => {
    const focused = () => page.evaluate(() => (document.activeElement?.innerText || document.activeElement?.ariaLabel || "").trim());
    const reach = async (name) => {
      for (let step = 0; step < 200; step++) {
        await page.keyboard.press("Tab");
        if ((await focused()).startsWith(name)) return;
      }
      assert.fail(`the key Tab never reaches ${name}`);
    };
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "Skip to content");
    await reach("Try the sample");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => / images? ·/.test(document.body.textContent), { timeout: 30_000 });
    await reach("Augment");
    const ring = await page.evaluate(() => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
      return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
    });
    assert.ok(ring, "what has the focus is seen");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".run-hash code", { timeout: 120_000 });
  });
  await page.close({ runBeforeUnload: false });
});

test("pictures of every state at three widths, light and dark; no width scrolls sideways, no text is under 12 px", async () => {
  const faults = await pictures("picture", (options) => studio(session, options), states);
  assert.deepEqual(faults, []);
});

test("a rem is the browser's own 16 px", async () => {
  const { page } = await open(session);
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize), "16px");
  await page.close();
});

test("who has set larger text gets larger text", { skip: chromium ? false : "only Chromium takes the setting as a switch" }, async () => {
  const large = await launch(["--blink-settings=defaultFontSize=24"]);
  const { page } = await open(large);
  await watched(page, "large text", async () => {
    assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize), "24px");
    const { seen, small } = await smallText(page, 18);
    assert.ok(seen > 10, `${seen} texts`);
    assert.deepEqual(small, []);
  });
  await large.close();
});
