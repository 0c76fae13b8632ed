// Sets in splits: the page names them, augments those that are switched on, and makes the command line's zip.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { serious } from "./support/axe.mjs";
import { launch, watched } from "./support/browser.mjs";
import { pictures } from "./support/looks.mjs";
import { come, native, recipeFile } from "./support/native.mjs";
import { IMAGES, SPLITS, boxes, coco, masks, turned, unpaired } from "./support/sets.mjs";
import { sha256 } from "./support/stage.mjs";
import { again, augment, link, press, save, studio, turnTo } from "./support/studio.mjs";

let session;
before(async () => (session = await launch()));
after(() => session.close());

const RECIPE = {
  version: 1,
  steps: [{ op: "flip_horizontal", p: 0.5 }, { op: "rotate", degrees: [-20, 20] }, { op: "brightness" }],
};
const RUN = { count: 2, seed: 7 };

/** The splits as the page lists them: name, images, objects, and what becomes of them. */
const splits = (page) =>
  page.$$eval('ul[aria-label="Splits"] > li', (rows) =>
    rows.map((row) => {
      const [name, counts, fate] = [...row.querySelectorAll("span")].map((span) => span.textContent);
      return { name, counts, fate, on: row.querySelector("input").checked };
    }),
  );

const kinds = [
  { name: "YOLO in train, valid and test folders", make: boxes, title: "YOLO", objects: true },
  { name: "COCO with a file for each split", make: coco, title: "COCO", objects: true },
  { name: "oriented boxes of nine columns", make: turned, title: "YOLO OBB", objects: true },
  { name: "masks in a folder beside the images", make: masks, title: "mask", objects: false },
];

for (const { name, make, title, objects } of kinds) {
  test(`${name}: train alone is augmented, and the zip is the command line's; then val too`, async () => {
    const { page, downloads, errors } = await studio(session, { fragment: link({ ...RECIPE, ...RUN }) });
    await watched(page, `splits ${name}`, async () => {
      const input = await come(page, make(), IMAGES);
      const facts = await page.$eval(".data-facts", (facts) => facts.innerText);
      assert.ok(facts.includes(title), `${title} in: ${facts}`);
      const listed = await splits(page);
      assert.deepEqual(
        listed.map(({ name, fate, on }) => ({ name, fate, on })),
        Object.keys(SPLITS).map((name) => ({ name, fate: name === "train" ? "augmented" : "unchanged", on: name === "train" })),
      );
      for (const { name, counts } of listed) {
        assert.match(counts, objects ? new RegExp(`^${SPLITS[name]} images, \\d+ objects$`) : new RegExp(`^${SPLITS[name]} images$`));
      }

      const usual = await augment(page);
      assert.deepEqual(usual.failed, []);
      assert.equal(await sha256(await save(page, downloads)), usual.sha256);
      assert.equal(usual.sha256, await native(input, recipeFile(RECIPE), RUN), "train alone");
      await press(page, "Run again");

      await press(page, "Augment val", "checkbox");
      assert.deepEqual((await splits(page)).map(({ fate }) => fate), ["augmented", "augmented", "unchanged"]);
      const both = await augment(page);
      assert.notEqual(both.sha256, usual.sha256);
      assert.equal(both.sha256, await native(input, recipeFile(RECIPE), RUN, ["--augment", "train,val"]), "val too");
      assert.deepEqual(errors, []);
    });
    await page.close({ runBeforeUnload: false });
  });
}

test("steps that mix images take none of a split that is not augmented", async () => {
  const mixing = { version: 1, steps: [{ op: "mosaic" }] };
  const { page } = await studio(session, { fragment: link({ ...mixing, ...RUN }) });
  await watched(page, "splits mixing", async () => {
    const input = await come(page, boxes(), IMAGES);
    const { sha256: said, failed } = await augment(page);
    assert.deepEqual(failed, []);
    assert.equal(said, await native(input, recipeFile(mixing), RUN));
  });
  await page.close({ runBeforeUnload: false });
});

test("an image of a split that is not augmented is shown as it goes through, until its split is switched on", async () => {
  const { page } = await studio(session, { fragment: link({ ...RECIPE, ...RUN }) });
  await watched(page, "splits preview", async () => {
    await come(page, boxes(), IMAGES);
    const cells = () => page.$$eval(".cell-name", (names) => names.map((name) => name.firstChild.textContent));
    const says = (words) => page.waitForFunction((words) => document.querySelector(".studio-preview").innerText.includes(words), { timeout: 15_000 }, words);
    // The images are in the order of their paths, those of test first; the first that is augmented is shown.
    await page.waitForFunction(() => document.querySelectorAll(".cell").length > 3, { timeout: 15_000 });
    assert.deepEqual((await cells()).slice(0, 2), ["Original", "Copy 1"]);
    await page.keyboard.press("[");
    await says("A run does not augment test: this image goes through unchanged");
    assert.deepEqual(await cells(), ["Unchanged"]);
    await page.waitForSelector(".cell canvas:not([hidden])");
    await (await page.$(".cell")).click();
    const file = await page.waitForSelector(".zoom .facts dd", { timeout: 30_000 });
    assert.doesNotMatch(await file.evaluate((file) => file.textContent), /_(original|\d)\.\w+$/, "the name that a run writes");
    await page.keyboard.press("Escape");

    await press(page, "Augment test", "checkbox");
    await page.waitForFunction(() => document.querySelectorAll(".cell").length > 3, { timeout: 15_000 });
    assert.deepEqual((await cells()).slice(0, 3), ["Original", "Copy 1", "Copy 2"]);
    assert.ok(!(await page.$eval(".studio-preview", (panel) => panel.innerText)).includes("does not augment"));
  });
  await page.close({ runBeforeUnload: false });
});

/** The names of the label options that the recipe's panel has for a dataset. */
async function options(page) {
  await turnTo(page, "Recipe");
  await page.$eval(".recipe-policy", (fold) => (fold.open = true));
  return page.$$eval(".recipe-policy .parameter-name", (names) => names.slice(3).map((name) => name.textContent));
}

for (const [name, make, expected] of [
  ["boxes", boxes, ["Objects that a border repeats"]],
  ["masks", masks, ["Masks outside the image"]],
  ["keypoints that nothing pairs", unpaired, ["Objects that a border repeats", "Flip keypoints as they are"]],
]) {
  test(`label options are there where they matter: ${name}`, async () => {
    const { page } = await studio(session, { fragment: link({ ...RECIPE, ...RUN }) });
    await watched(page, `options ${name}`, async () => {
      await come(page, make(), IMAGES);
      assert.deepEqual(await options(page), expected);
    });
    await page.close({ runBeforeUnload: false });
  });
}

test("masks outside the image: the number that is set by keys is the one of the run, and Undo takes it back", async () => {
  const { page } = await studio(session, { fragment: link({ ...RECIPE, ...RUN }) });
  await watched(page, "options mask fill", async () => {
    const input = await come(page, masks(), IMAGES);
    await options(page);
    const field = await page.$('.recipe-policy [aria-label="Masks outside the image, as a number"]');
    await field.focus();
    await page.keyboard.press("End");
    for (let press = 0; press < 3; press++) await page.keyboard.press("Backspace");
    await page.keyboard.type("255\n");
    const { sha256: said } = await augment(page);
    assert.equal(said, await native(input, recipeFile({ ...RECIPE, labels: { mask_fill: 255 } }), RUN));
    assert.notEqual(said, await native(input, recipeFile(RECIPE), RUN));
    await again(page);
    await press(page, "Undo");
    assert.equal(await field.evaluate((field) => field.value), "0");
  });
  await page.close({ runBeforeUnload: false });
});

test("a set in splits, with the options of its labels: nothing serious for axe, and no width scrolls sideways", async () => {
  const found = [];
  const start = (options) => studio(session, { fragment: link({ ...RECIPE, ...RUN }), ...options });
  const faults = await pictures("splits", start, async (page, visit) => {
    await come(page, masks(), IMAGES);
    const visited = async (state) => {
      await visit(state);
      found.push(...(await serious(page)).map((line) => `${state}: ${line}`));
    };
    await turnTo(page, "Preview");
    await page.keyboard.press("[");
    await page.waitForFunction(() => document.querySelector(".studio-preview").innerText.includes("does not augment"));
    await page.waitForSelector(".cell:not(.stale) canvas:not([hidden])");
    await visited("splits-preview");
    await turnTo(page, "Data");
    await visited("splits-data");
    await options(page);
    await page.$eval(".recipe-policy", (fold) => fold.scrollIntoView({ block: "end" }));
    await visited("splits-options");
  });
  assert.deepEqual(faults, []);
  assert.deepEqual(found, []);
});
