// The same bytes: the zip that the page saves is the one that `delta augment` makes.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch, scratch, watched } from "./support/browser.mjs";
import { come, native, recipeFile } from "./support/native.mjs";
import { delta, photographs, sha256 } from "./support/stage.mjs";
import { again, augment, follow, link, save, studio } from "./support/studio.mjs";

let session;
before(async () => (session = await launch()));
after(() => session.close());

/** A drawn dataset. */
function sample(count, labels) {
  const folder = join(scratch("sample"), "drawn");
  delta(["sample", "-o", folder, "--count", `${count}`, "--labels", labels]);
  return folder;
}

const cells = photographs("bccd-voc");
const bundled = [
  cells
    ? { name: "60 photographs of cells in Pascal VOC", folder: () => cells, images: 60 }
    : { name: "12 drawn images in Pascal VOC", folder: () => sample(12, "voc"), images: 12 },
  { name: "drawn images in COCO with polygons and keypoints", folder: () => sample(8, "coco"), images: 8 },
];

for (const { name, folder, images } of bundled) {
  test(`classic, 5 copies, seed 7 of ${name}: the saved zip is the command line's`, async () => {
    const recipe = JSON.parse(delta(["recipe", "show", "classic"]));
    const opened = await studio(session, { fragment: link({ ...recipe, count: 5, seed: 7 }) });
    const { page, downloads, errors } = opened;
    await watched(page, `bytes ${name}`, async () => {
      const input = await come(page, folder(), images);
      const { sha256: said, failed } = await augment(page);
      assert.deepEqual(failed, []);
      const saved = await save(page, downloads);
      assert.equal(await sha256(saved), said, "the page names the hash of what it saved");
      assert.equal(said, await native(input, "classic", { seed: 7, count: 5 }));
      assert.deepEqual(errors, []);
    });
    await page.close({ runBeforeUnload: false });
  });
}

test("PNG output: the saved zip is the command line's", async () => {
  const recipe = { version: 1, output: { format: "png" }, steps: [{ op: "rotate", degrees: [-20, 20] }, { op: "gaussian_noise" }] };
  const { page, downloads } = await studio(session, { fragment: link({ ...recipe, count: 3, seed: 11 }) });
  await watched(page, "bytes png", async () => {
    const input = await come(page, sample(6, "yolo"), 6);
    const { sha256: said } = await augment(page);
    assert.equal(await sha256(await save(page, downloads)), said);
    assert.equal(said, await native(input, recipeFile(recipe), { seed: 11, count: 3 }));
  });
  await page.close({ runBeforeUnload: false });
});

test("many outputs: what waits for the end of the zip waits in a file, which goes", async () => {
  const recipe = { version: 1, steps: [{ op: "resize", width: 48, height: 32 }, { op: "flip_horizontal" }] };
  const { page, downloads } = await studio(session, { fragment: link({ ...recipe, count: 250, seed: 5 }) });
  await watched(page, "bytes many", async () => {
    const input = await come(page, sample(8, "coco"), 8);
    /** The browser's own files of zips, by what they hold, as long as the page is there. */
    await page.evaluate(() => {
      window.waited = { most: 0 };
      const look = async () => {
        const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("results", { create: true });
        waited.left = [];
        for await (const [name, handle] of folder.entries()) {
          if (name.endsWith(".zip")) continue;
          waited.left.push(name);
          waited.most = Math.max(waited.most, (await handle.getFile()).size);
        }
      };
      waited.look = look;
      waited.timer = setInterval(() => look().catch(() => {}), 20);
    });
    const { sha256: said } = await augment(page);
    const { most, left } = await page.evaluate(async () => {
      clearInterval(waited.timer);
      await waited.look();
      return { most: waited.most, left: waited.left };
    });
    assert.ok(most > 0, "lines wait in a file");
    assert.deepEqual(left, [], "which is gone");
    assert.equal(await sha256(await save(page, downloads)), said);
    assert.equal(said, await native(input, recipeFile(recipe), { seed: 5, count: 250 }));
  });
  await page.close({ runBeforeUnload: false });
});

test("every transform of the catalog: the page's zip is the command line's", async () => {
  const catalog = JSON.parse(delta(["catalog", "--json"]));
  const { page, errors } = await studio(session);
  const different = [];
  await watched(page, "bytes catalog", async () => {
    const input = await come(page, sample(3, "coco"), 3);
    for (const { op, examples } of catalog) {
      const recipe = { version: 1, output: { format: "png" }, steps: [{ op, ...(examples.at(-1) ?? {}) }] };
      await follow(page, { ...recipe, count: 1, seed: 5 });
      const { sha256: said, failed } = await augment(page);
      assert.deepEqual(failed, [], op);
      if (said !== (await native(input, recipeFile(recipe), { seed: 5, count: 1 }))) different.push(op);
      await again(page);
    }
    assert.ok(catalog.length >= 48, `only ${catalog.length} transforms are known`);
    assert.deepEqual(different, []);
    assert.deepEqual(errors, []);
  });
  await page.close({ runBeforeUnload: false });
});
