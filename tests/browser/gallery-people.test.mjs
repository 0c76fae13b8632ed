// The gallery for everybody: nothing serious for axe, light and dark; all of it by keyboard; pictures of what it looks like.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { serious } from "./support/axe.mjs";
import { launch, open as openPage, scratch, watched } from "./support/browser.mjs";
import { open, waitFor } from "./support/gallery.mjs";
import { pictures } from "./support/looks.mjs";
import { serve } from "./support/serve.mjs";
import { delta, photographs, program } from "./support/stage.mjs";
import { listed, pick, press } from "./support/studio.mjs";

let session, server, images;
before(async () => {
  session = await launch();
  server = await serve();
  images = brought();
  await fill();
});
after(async () => {
  await session.close();
  await server.stop();
});

function brought() {
  const drawn = join(scratch("looks"), "drawn");
  delta(["sample", "-o", drawn, "--count", "14", "--labels", "coco"]);
  const folders = [photographs("kodak"), photographs("bccd-voc")].filter(Boolean);
  const found = [...folders, drawn].flatMap((folder) => {
    const names = readdirSync(folder, { recursive: true }).filter((name) => /\.(jpe?g|png)$/i.test(name));
    return names.sort().slice(0, 6).map((name) => join(folder, name));
  });
  return found.slice(0, 14);
}

/** A gallery with something in it: titles, tags, groups, one that is private. */
async function fill() {
  const json = { "content-type": "application/json" };
  const words = [["cells", "blood"], ["cells"], ["outdoor", "street", "summer", "wide"], [], ["indoor"]];
  const shared = images.map(async (path, at) => {
    const bytes = readFileSync(path);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const body = {
      filename: path.split("/").at(-1),
      content_type: path.endsWith("png") ? "image/png" : "image/jpeg",
      size: bytes.length,
      sha256,
      tags: words[at % words.length],
      count: 4,
      recipe: "classic",
      run: "server",
      visibility: at === 2 ? "private" : "public",
      retention: "standard",
    };
    if (at % 3 === 0) body.title = ["A smear under the microscope", "Morning light", "Before the rain", "Two of a kind", "The last one"][at / 3];
    const { id, original } = await server.call("/v1/uploads", { method: "POST", body: JSON.stringify(body), headers: json });
    await fetch(original.url, { method: "PUT", headers: original.headers, body: bytes });
    await server.call(`/v1/uploads/${id}/complete`, { method: "POST", body: "{}", headers: json });
  });
  await Promise.all(shared);
  await waitFor(async () => (await server.images()).every(({ state }) => state === "ready"), 180_000);
}

const pictured = (page) =>
  page.waitForFunction(() => [...document.querySelectorAll(".shot img")].slice(0, 6).every((image) => image.naturalWidth > 0), { timeout: 30_000 });

/** Every state worth looking at. */
async function states(page, visit) {
  await page.waitForSelector(".shot", { timeout: 30_000 });
  await pictured(page);
  await visit("gallery");
  await page.click(".shot a");
  await page.waitForSelector(".result-grid canvas[width='360'], .result-grid canvas[height='360']", { timeout: 60_000 });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await visit("gallery-image");
  await press(page, "Edit");
  await page.waitForSelector("dialog[open]");
  await visit("gallery-edit");
  await page.keyboard.press("Escape");
  await page.evaluate(() => (location.hash = ""));
  await pick(page, ...images.slice(0, 3));
  await listed(page, 3);
  await page.evaluate(() => (location.hash = "#gallery"));
  await press(page, "Share images");
  await page.waitForSelector("dialog[open] .choose");
  await visit("gallery-share");
  await page.keyboard.press("Escape");
}

for (const theme of ["light", "dark"]) {
  test(`axe finds nothing serious in the gallery, ${theme}`, async () => {
    const { page, errors } = await open(session, server, { theme });
    const found = [];
    await watched(page, `axe gallery ${theme}`, async () => {
      await states(page, async (state) => found.push(...(await serious(page)).map((line) => `${state}: ${line}`)));
      assert.deepEqual(found, []);
      assert.deepEqual(errors, []);
    });
    await page.close({ runBeforeUnload: false });
  });
}

test("without a gallery the page says so, and makes no requests", async () => {
  const { page, errors, requests } = await openPage(session, { fragment: "#gallery" });
  await watched(page, "no gallery", async () => {
    await page.waitForSelector("h1 ::-p-text(No gallery here)", { timeout: 30_000 });
    assert.deepEqual(await serious(page), []);
    assert.deepEqual(requests.filter((url) => !url.startsWith(program("SITE")) && !url.startsWith("blob:")), []);
    await page.evaluate(() => (location.hash = "#settings"));
    const field = await page.waitForSelector("::-p-aria([name='Address of the API'])");
    await field.type("https://elsewhere.example");
    await press(page, "Use it");
    await page.waitForSelector("::-p-text(security policy does not allow that address)");
    assert.deepEqual(session.outside(), []);
    assert.deepEqual(errors, []);
  });
  await page.close();
});

test("from the grid to an image and back with the keyboard alone", async () => {
  const { page } = await open(session, server);
  await watched(page, "gallery keyboard", async () => {
    await page.waitForSelector(".shot", { timeout: 30_000 });
    const focused = () => page.evaluate(() => (document.activeElement?.innerText || document.activeElement?.ariaLabel || "").trim());
    const reach = async (name) => {
      for (let step = 0; step < 80; step++) {
        await page.keyboard.press("Tab");
        if ((await focused()).startsWith(name)) return;
      }
      assert.fail(`the key Tab never reaches ${name}`);
    };
    await reach("Search");
    await page.keyboard.type("smear");
    await page.waitForFunction(() => document.querySelectorAll(".shot").length === 1, { timeout: 10_000 });
    await reach("A smear");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement?.tagName === "H1", { timeout: 10_000 });
    assert.equal(await focused(), "A smear under the microscope", "the new place has the focus");
    await reach("Delete");
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog[open]");
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.activeElement?.innerText === "Delete", { timeout: 10_000 });
    await page.keyboard.down("Shift");
    await reach("All images");
    await page.keyboard.up("Shift");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => !document.querySelector("article"), { timeout: 10_000 });
    assert.equal(await page.$eval("input[type=search]", (field) => field.value), "smear", "the grid is as it was left");
  });
  await page.close();
});

test("pictures of the gallery at three widths, light and dark; no width scrolls sideways, no text is under 12 px", async () => {
  const faults = await pictures("gallery picture", (options) => open(session, server, options), states);
  assert.deepEqual(faults, []);
});
