// The cloud for everybody: nothing serious for axe, light and dark; handed over by keyboard; pictures of every state.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { serious } from "./support/axe.mjs";
import { chromium, launch, watched } from "./support/browser.mjs";
import { arrived, beginRun, dataset, line, running, saying, start } from "./support/cloud.mjs";
import { pictures } from "./support/looks.mjs";
import { serve } from "./support/serve.mjs";
import { press } from "./support/studio.mjs";

const skip = chromium ? false : "dropping folders needs Chromium's protocol";

let session, server, folder;
before(async () => {
  session = await launch();
  folder = dataset(12, { "broken.jpg": Buffer.from("ffd8ffe000104a46494600", "hex"), "words.jpg": Buffer.from("no pixels") });
});
after(() => session.close());
// One each: another origin has nothing of the jobs before.
beforeEach(async () => (server = await serve()));
afterEach(() => server.stop());

/** Every state worth looking at, one after the other on one page. */
async function states(page, visit) {
  await beginRun(page, folder, 14);
  await page.$eval(".cloud-offer", (offer) => offer.scrollIntoView({ block: "center" }));
  await visit("cloud-offer");
  await press(page, "Hand it to the cloud");
  await page.waitForSelector("dialog[open] .cloud-rules");
  await visit("cloud-question");
  await page.keyboard.press("Escape");
  const net = await line(page);
  await net.gone();
  await press(page, "Hand it to the cloud");
  await page.waitForSelector("dialog[open] ::-p-text(You are offline)");
  await visit("cloud-question-offline");
  await press(page, "Keep it and send it later");
  await saying(page, "Waiting for the network");
  await visit("cloud-waits");
  await net.slow(60_000);
  await saying(page, "[1-9] of 14 images sent");
  await page.waitForSelector(".cloud-job ::-p-text( left)");
  await visit("cloud-sends");
  await net.fast();
  await saying(page, "In the cloud");
  await visit("cloud-runs");
  await arrived(page);
  await visit("cloud-done");
  await press(page, "Jobs in the cloud: ready");
  await page.waitForSelector("dialog[open] .cloud-job");
  await visit("cloud-jobs");
  await press(page, "Remove from the cloud");
  await page.waitForSelector("dialog[open] ::-p-text(There are none.)");
}

for (const theme of ["light", "dark"]) {
  test(`axe finds nothing serious where runs go to the cloud, ${theme}`, { skip }, async () => {
    const { page } = await start(session, server, { theme });
    const found = [];
    await watched(page, `axe cloud ${theme}`, async () => {
      await states(page, async (state) => found.push(...(await serious(page)).map((line) => `${state}: ${line}`)));
      assert.deepEqual(found, []);
    });
    await page.close({ runBeforeUnload: false });
  });
}

test("handed over with the keyboard alone; what happens is said to those who do not see it", { skip }, async () => {
  const { page } = await running(session, server, folder, 14);
  await watched(page, "cloud keyboard", async () => {
    const focused = () => page.evaluate(() => (document.activeElement?.ariaLabel || document.activeElement?.innerText || "").trim());
    const reach = async (name) => {
      for (let step = 0; step < 200; step++) {
        await page.keyboard.press("Tab");
        if ((await focused()).startsWith(name)) return;
      }
      assert.fail(`the key Tab never reaches ${name}`);
    };
    const told = [];
    await page.exposeFunction("noteTold", (words) => told.push(words));
    await page.evaluate(() => {
      const look = () => document.querySelectorAll("[role=status]").forEach(({ textContent }) => noteTold(textContent));
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    await reach("Hand it to the cloud");
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog[open] .cloud-rules");
    await reach("Send it and run it there");
    await page.keyboard.press("Enter");
    await arrived(page);
    for (const words of ["The cloud has accepted the job", "The cloud has taken over the run", "The zip from the cloud is here"]) {
      assert.ok(told.some((one) => one.includes(words)), `${words}: ${[...new Set(told)].join(" | ")}`);
    }
    await reach("Jobs in the cloud");
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog[open] .cloud-job");
    await page.keyboard.press("Escape");
    assert.match(await focused(), /^Jobs in the cloud/, "the focus is back");
  });
  await page.close({ runBeforeUnload: false });
});

test("pictures of runs in the cloud at three widths, light and dark; no width scrolls sideways, no text is under 12 px", { skip }, async () => {
  assert.deepEqual(await pictures("cloud picture", (options) => start(session, server, options), states), []);
});
