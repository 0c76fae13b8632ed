// Dragging in the recipe editor, by mouse and by finger: whatever has a handle follows the pointer to the end.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { chromium, launch, watched } from "./support/browser.mjs";
import { link, listed, press, studio, turnTo } from "./support/studio.mjs";

let session;
before(async () => (session = await launch()));
after(() => session.close());

/** Steps with every kind of control: numbers, intervals, lengths, words, colors, switches, and what groups have; and
 * the label options that only some datasets are asked about. */
const RECIPE = {
  version: 1,
  seed: 5,
  count: 2,
  labels: { mirrored: "leave", flip_unpaired: false, mask_fill: 3 },
  steps: [
    { op: "cutout", count: [1, 3], height: [0.1, 0.3], width: 0.2 },
    { op: "resize", width: 640 },
    { op: "rotate", degrees: [-10, 10], border: "constant" },
    { op: "gaussian_noise", sigma: [3, 15] },
    { op: "one_of", steps: [{ op: "invert" }, { op: "posterize", bits: [3, 6] }], weights: [1, 2] },
    { op: "some_of", count: [1, 2], steps: [{ op: "gamma" }, { op: "grayscale" }, { op: "solarize" }] },
  ],
};

/** Movements of one drag. */
const MOVES = 6;

/** A pointer that drags: `down`, `to` and `up` take effect before they return. */
function pointer(page, kind) {
  const { mouse, touchscreen } = page;
  const [down, to, up] = {
    mouse: [(x, y) => mouse.move(x, y).then(() => mouse.down()), (x, y) => mouse.move(x, y), () => mouse.up()],
    finger: [(x, y) => touchscreen.touchStart(x, y), (x, y) => touchscreen.touchMove(x, y), () => touchscreen.touchEnd()],
  }[kind];
  // A browser tells of movements once a frame.
  const frames = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const seen = (act) => async (x, y) => (await act(x, y), frames());
  return { down: seen(down), to: seen(to), up: seen(up) };
}

/** Opens the page with the recipe above, all cards and folds open. */
async function editor(kind) {
  const touch = kind === "finger";
  const opened = await studio(session, { fragment: link(RECIPE), touch, ...(touch ? { width: 390, height: 844 } : {}) });
  const { page } = opened;
  await press(page, "Try the sample");
  await page.waitForFunction(() => / images? ·/.test(document.body.textContent), { timeout: 60_000 });
  await turnTo(page, "Recipe");
  await page.waitForSelector(".step");
  await page.evaluate(() => {
    for (const closed of document.querySelectorAll('.step-title[aria-expanded="false"], .group-kind > [aria-expanded="false"]')) closed.click();
    document.querySelector(".recipe-policy").open = true;
  });
  return opened;
}

/** Every slider of the editor, with its name and that of its step. */
async function sliders(page) {
  const handles = await page.$$(".studio-recipe input[type=range]");
  const names = handles.map((slider) =>
    slider.evaluate((slider) => {
      const step = slider.closest(".step")?.querySelector(".step-name").textContent ?? "Labels";
      return `${step}: ${slider.ariaLabel}`;
    }),
  );
  return { handles, names: await Promise.all(names) };
}

/** Where a slider is and stands, what it says, and what the field beside it has. */
const state = (slider) =>
  slider.evaluate((slider) => {
    const { left, top, width, height } = slider.getBoundingClientRect();
    const field = document.querySelectorAll(`.studio-recipe [aria-label="${slider.ariaLabel}, as a number"]`);
    const own = [...field].find((field) => field.closest(".parameter") === slider.closest(".parameter"));
    return {
      there: slider.isConnected,
      left,
      width,
      middle: top + height / 2,
      at: Number(slider.value),
      last: Number(slider.max),
      says: slider.ariaValueText.trim().split(" ")[0].replace("−", "-"),
      field: own?.value,
    };
  });

/** Pixels from a slider's end to the middle of its handle there; a finger's handle is larger. */
const END = { mouse: 8, finger: 12 };

for (const kind of ["mouse", "finger"]) {
  const skip = kind === "finger" && !chromium ? "only Chromium lets a test touch" : false;

  test(`every slider of the editor follows the ${kind} through one drag, which is one entry to undo`, { skip }, async () => {
    const { page, errors } = await editor(kind);
    await watched(page, `sliders ${kind}`, async () => {
      const { down, to, up } = pointer(page, kind);
      const { handles, names } = await sliders(page);
      for (const name of ["Cutout: Count, low", "Cutout: Height, high", "Cutout: Width", "Resize: Width", "Invert: Weight", "Some of these: How many, high", "Labels: Minimum area", "Labels: Masks outside the image", "Gamma: Probability"]) {
        assert.ok(names.includes(name), `${name} is among ${names.join("; ")}`);
      }
      for (const [index, slider] of handles.entries()) {
        const name = names[index];
        await slider.evaluate((slider) => slider.scrollIntoView({ block: "center" }));
        const start = await state(slider);
        const room = start.width - 2 * END[kind];
        const x = (fraction) => start.left + END[kind] + fraction * room;
        const from = start.at / start.last;
        // A handle that lies on another is dragged away from it; any other goes to the farther end and half way back.
        const far = from > 0.5 ? 0.05 : 0.95;
        await down(x(from), start.middle);
        const seen = [];
        for (let move = 1; move <= MOVES; move++) {
          const part = move <= MOVES - 2 ? move / (MOVES - 2) : 1 - (move - MOVES + 2) / 4;
          const fraction = from + (far - from) * part;
          await to(x(fraction), start.middle + (move % 2));
          const now = await state(slider);
          assert.ok(now.there, `${name}: the handle under the pointer is the one that was taken`);
          const off = Math.abs(now.at - fraction * now.last);
          // As exact as a few pixels are.
          assert.ok(off <= Math.max(1, (5 / room) * now.last), `${name}: at ${now.at} of ${now.last}, the pointer at ${(fraction * now.last).toFixed(1)}`);
          assert.equal(now.field, now.says, `${name}: the field has the slider's value`);
          seen.push(now.at);
        }
        await up();
        const end = await state(slider);
        assert.equal(end.at, seen.at(-1), `${name}: it stays where it was let go`);
        if (start.last >= MOVES) assert.ok(new Set(seen).size > 2, `${name}: it went through ${seen}`);
        await press(page, "Undo");
        // The page shows it with its next frame.
        let back = await state(slider);
        for (let wait = 0; wait < 20 && back.at !== start.at; wait++) {
          await new Promise((done) => setTimeout(done, 50));
          back = await state(slider);
        }
        assert.equal(back.at, start.at, `${name}: one Undo takes the whole drag back`);
      }
      assert.deepEqual(errors, []);
    });
    await page.close({ runBeforeUnload: false });
  });
}

for (const kind of ["mouse", "finger"]) {
  const skip = kind === "finger" && !chromium ? "only Chromium lets a test touch" : false;

  test(`a handle that meets the other one takes it along, and the ${kind} never loses it`, { skip }, async () => {
    const { page } = await editor(kind);
    await watched(page, `meeting ${kind}`, async () => {
      const { down, to, up } = pointer(page, kind);
      const { handles, names } = await sliders(page);
      const [low, high] = ["low", "high"].map((end) => handles[names.indexOf(`Cutout: Height, ${end}`)]);
      await low.evaluate((slider) => slider.scrollIntoView({ block: "center" }));
      const [first, second] = [await state(low), await state(high)];
      assert.ok(first.at < second.at, "two ends");
      const x = (at) => first.left + END[kind] + (at / first.last) * (first.width - 2 * END[kind]);
      const past = Math.min(first.last, second.at + 20);
      await down(x(first.at), first.middle);
      for (const at of [second.at - 4, second.at, second.at + 8, past]) await to(x(at), first.middle);
      const [taken, along] = [await state(low), await state(high)];
      assert.ok(taken.there && taken.at > second.at, `past the other one: ${taken.at}`);
      assert.equal(along.at, taken.at, "which came along");
      for (const at of [second.at, first.at, 2]) await to(x(at), first.middle);
      await up();
      const [back, left] = [await state(low), await state(high)];
      assert.ok(back.there && Math.abs(back.at - 2) <= 2, `back to the start: ${back.at}`);
      assert.equal(left.at, taken.at, "the other one stays where it was taken to");
    });
    await page.close({ runBeforeUnload: false });
  });

  test(`a value beyond the slider's usual ones does not leap when the ${kind} drags it back`, { skip }, async () => {
    const { page } = await editor(kind);
    await watched(page, `beyond ${kind}`, async () => {
      const { down, to, up } = pointer(page, kind);
      const { handles, names } = await sliders(page);
      const slider = handles[names.indexOf("Cutout: Count, high")];
      const usual = await state(slider);
      const field = await page.$('.studio-recipe [aria-label="Count, high, as a number"]');
      await field.click({ count: 3 });
      await field.type("150\n");
      await slider.evaluate((slider) => slider.scrollIntoView({ block: "center" }));
      const start = await state(slider);
      assert.ok(start.says === "150" && start.last > usual.last, `150 on a longer scale: ${start.says} of ${start.last}`);
      const x = (at) => start.left + END[kind] + (at / start.last) * (start.width - 2 * END[kind]);
      await down(x(start.at), start.middle);
      const seen = [];
      for (const at of [120, 60, 30, 12, 6]) {
        await to(x(at), start.middle);
        seen.push(Number((await state(slider)).says));
      }
      await up();
      seen.push(Number((await state(slider)).says));
      const slack = (3 / (start.width - 2 * END[kind])) * start.last + 1;
      [120, 60, 30, 12, 6, 6].forEach((at, index) => assert.ok(Math.abs(seen[index] - at) <= slack, `${seen} for 120, 60, 30, 12, 6`));
    });
    await page.close({ runBeforeUnload: false });
  });

  test(`a card follows the ${kind} by its grip, and lands where the line is`, { skip }, async () => {
    const { page } = await editor(kind);
    await watched(page, `grip ${kind}`, async () => {
      const { down, to, up } = pointer(page, kind);
      const order = () => page.$$eval('[data-list="all"] > .step > .step-head .step-name', (names) => names.map((name) => name.textContent));
      // Closed cards are all in view.
      await page.evaluate(() => {
        for (const open of document.querySelectorAll('.step-title[aria-expanded="true"]')) open.click();
        document.querySelector(".studio-recipe").scrollTop = 0;
      });
      const middle = (name) =>
        page.evaluate((name) => {
          const step = [...document.querySelectorAll(".step")].find((step) => step.querySelector(".step-name").textContent === name);
          const [head, grip] = [".step-head", ".step-grip"].map((part) => step.querySelector(part).getBoundingClientRect());
          return { x: grip.left + grip.width / 2, y: head.top + head.height / 2, below: head.bottom - 4 };
        }, name);
      const before = await order();
      assert.deepEqual(before.slice(0, 3), ["Cutout", "Resize", "Rotate"]);
      const [from, over, last] = [await middle("Cutout"), await middle("Resize"), await middle("Rotate")];
      await down(from.x, from.y);
      for (const y of [from.y + 6, over.y, over.below, last.y, last.below]) await to(from.x + 3, y);
      assert.equal(await page.$$eval(".step.drop-before, .step.drop-after", (lines) => lines.length), 1, "one line shows where");
      await up();
      assert.deepEqual((await order()).slice(0, 3), ["Resize", "Rotate", "Cutout"]);
    });
    await page.close({ runBeforeUnload: false });
  });
}

test("what has no handle takes its value by a press, and keeps it", async () => {
  const { page, errors } = await editor("mouse");
  await watched(page, "pressed", async () => {
    // The parameter of a step.
    const parameter = (step, name) =>
      page.evaluateHandle(
        (step, name) => {
          const card = [...document.querySelectorAll(".step")].find((card) => card.querySelector(".step-name").textContent === step);
          return [...card.querySelectorAll(".parameter")].find((one) => one.querySelector(".parameter-name").textContent === name);
        },
        step,
        name,
      );
    const switched = await (await parameter("Gaussian noise", "Per channel")).$("input[role=switch]");
    assert.equal(await switched.evaluate((box) => box.checked), true);
    await switched.click();
    assert.equal(await switched.evaluate((box) => box.checked && box.isConnected), false);

    const paint = await parameter("Cutout", "Paint");
    for (const [word, radios] of [["noise", [false, true]], ["color", [true, false]]]) {
      await (await paint.$(`::-p-text(${word})`)).click();
      assert.deepEqual(await paint.evaluate((one) => [...one.querySelectorAll("input")].map((radio) => radio.checked)), radios);
    }
    await (await (await parameter("Rotate", "Border")).$("select")).select("replicate");

    // The window to choose a color is the system's: what it tells the page is as if it were there.
    const fill = await parameter("Cutout", "Fill");
    const field = await fill.$("input[type=color]");
    for (const [color, words] of [["#102030", "16, 32, 48"], ["#a0b0c0", "160, 176, 192"], ["#808080", "gray 128"]]) {
      const said = await field.evaluate(async (field, color) => {
        field.value = color;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        await new Promise((done) => requestAnimationFrame(done));
        return { there: field.isConnected, words: field.parentElement.querySelector(".num").textContent };
      }, color);
      assert.deepEqual(said, { there: true, words });
    }

    const whole = await (await parameter("Gaussian noise", "Sigma")).$('[aria-label="Sigma, high, as a number"]');
    await whole.focus();
    for (let press = 0; press < 3; press++) await page.keyboard.press("ArrowUp");
    assert.ok(Number(await whole.evaluate((field) => field.isConnected && field.value)) > 15, "the field counts up under the key");

    // What a mask is filled with is a number, or a color where its values are colors.
    const option = async (name) => (await page.$$(".recipe-policy .parameter")).at(
      await page.$$eval(".recipe-policy .parameter-name", (names, name) => names.findIndex((one) => one.textContent === name), name),
    );
    const masks = await option("Masks outside the image");
    const filled = () => masks.evaluate((one) => ({ slider: !!one.querySelector("input[type=range]"), color: one.querySelector("input[type=color]")?.value ?? null }));
    assert.deepEqual(await filled(), { slider: true, color: null });
    await (await masks.$("::-p-text(color)")).click();
    assert.deepEqual(await filled(), { slider: false, color: "#030303" });
    await masks.evaluate((one) => {
      const field = one.querySelector("input[type=color]");
      field.value = "#102030";
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
    await (await (await option("Objects that a border repeats")).$("::-p-text(label)")).click();
    await (await (await option("Flip keypoints as they are")).$("input[role=switch]")).click();

    await press(page, "Edit as JSON");
    const text = await page.waitForSelector(".json-area");
    const { steps, labels } = JSON.parse(await text.evaluate((area) => area.value));
    assert.deepEqual(labels, { mirrored: "label", flip_unpaired: true, mask_fill: [16, 32, 48] });
    assert.equal(steps[2].border, "replicate");
    assert.equal(steps[3].per_channel, false);
    assert.equal(steps[0].paint, "color");
    assert.equal(steps[0].fill, 128);
    assert.deepEqual(errors, []);
  });
  await page.close({ runBeforeUnload: false });
});
