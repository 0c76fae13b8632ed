// What a person presses next lies in the window and takes the press, at every width, with a service beside the page.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { chromium, launch, watched } from "./support/browser.mjs";
import { beginRun, dataset, start } from "./support/cloud.mjs";
import { serve } from "./support/serve.mjs";
import { press, turnTo } from "./support/studio.mjs";

const skip = chromium ? false : "dropping folders needs Chromium's protocol";

/** Phones, tablets in both ways, windows at either side of a change of layout, desktops. */
const SIZES = [
  [360, 740], [390, 844], [600, 900], [779, 1024], [780, 1024], [820, 1180], [900, 700], [1024, 768],
  [1100, 800], [1152, 720], [1199, 800], [1200, 800], [1280, 720], [1440, 900], [1920, 1080],
];

let session, server;
before(async () => {
  session = await launch();
  server = await serve();
});
after(async () => {
  await session.close();
  await server.stop();
});

/** What keeps the button of a name from being pressed: it is not there, not wholly in the window, cut off or covered. */
async function hindrance(page, name) {
  const button = await page.$(`::-p-aria([name="${name}"][role="button"])`);
  if (!button) return "is not there";
  return button.evaluate((button) => {
    const { left, right, top, bottom } = button.getBoundingClientRect();
    const place = [left, top, right, bottom].map(Math.round).join(" ");
    if (right - left < 24 || bottom - top < 24) return `is too small: ${place}`;
    if (left < 0 || top < 0 || right > innerWidth || bottom > innerHeight) return `is not wholly in the window: ${place}`;
    const [x, y] = [(left + right) / 2, (top + bottom) / 2];
    for (const point of [[x, y], [left + 2, y], [right - 2, y], [x, top + 2], [x, bottom - 2]]) {
      const found = document.elementFromPoint(...point);
      if (!button.contains(found)) return `at ${place} does not take a press at ${point.map(Math.round)}: ${found?.outerHTML.slice(0, 80)}`;
    }
  });
}

/** Looks at some buttons at every size. */
async function reachable(page, state, names) {
  const hindered = [];
  for (const [width, height] of SIZES) {
    await page.setViewport({ width, height, deviceScaleFactor: 1 });
    await turnTo(page, "Run");
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    for (const name of names) {
      const why = await hindrance(page, name);
      if (why) hindered.push(`${state}, ${width} × ${height}: ${name} ${why}`);
    }
  }
  await page.setViewport({ width: 1280, height: 900, deviceScaleFactor: 1 });
  assert.deepEqual(hindered, []);
}

test("what comes next can be pressed at every width: before, during and after a run, and in the gallery", { skip }, async () => {
  const { page } = await start(session, server);
  await watched(page, "reach", async () => {
    await beginRun(page, dataset(12), 12, () => reachable(page, "before", ["Augment", "Augment on the server"]));
    await reachable(page, "during", ["Resume", "Cancel", "Hand it to the cloud"]);
    await press(page, "Cancel");
    await page.waitForSelector("::-p-aria([name='Discard'][role='button'])", { visible: true });
    await reachable(page, "stopped", ["Keep what is done", "Discard"]);
    await press(page, "Keep what is done");
    await page.waitForSelector(".run-hash code", { timeout: 60_000 });
    await reachable(page, "after", ["Save"]);
    await page.evaluate(() => (location.hash = "#gallery"));
    await page.waitForSelector("::-p-aria([name='Share images'][role='button'])", { visible: true, timeout: 30_000 });
    await reachable(page, "gallery", ["Share images"]);
    await press(page, "Share images");
    await page.waitForSelector("dialog[open] .choose");
    await reachable(page, "sharing", ["Share 12 images"]);
  });
  await page.close({ runBeforeUnload: false });
});
