// What goes wrong costs what it must and no more: files that fail are named, a dead worker is replaced, cancel is quick.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { chromium, launch, scratch, watched } from "./support/browser.mjs";
import { delta } from "./support/stage.mjs";
import { augment, drop, finished, listed, press, studio } from "./support/studio.mjs";

let session;
before(async () => (session = await launch()));
after(() => session.close());

const skip = chromium ? false : "dropping files needs Chromium's protocol";

/** A drawn dataset with further files in it. */
function dataset(count, more = {}) {
  const folder = join(scratch("faults"), "drawn");
  delta(["sample", "-o", folder, "--count", `${count}`, "--labels", "coco"]);
  for (const [name, bytes] of Object.entries(more)) writeFileSync(join(folder, "images", name), bytes);
  return folder;
}

/** A PNG that claims to be far larger than any limit. */
function oversized() {
  const head = Buffer.from("89504e470d0a1a0a0000000d49484452000fffff000fffff0802000000", "hex");
  const crc = (bytes) => {
    let value = ~0;
    for (const byte of bytes) {
      value ^= byte;
      for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    }
    return ~value >>> 0;
  };
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc(head.subarray(12)));
  return Buffer.concat([head, sum, Buffer.from("0000000049454e44ae426082", "hex")]);
}

/** Keeps a list of the page's workers, so that a test can end one behind the page's back. */
const watchWorkers = () => {
  const Real = globalThis.Worker;
  globalThis.made = [];
  globalThis.ended = [];
  globalThis.Worker = class extends Real {
    constructor(...settings) {
      super(...settings);
      globalThis.made.push(this);
    }
    terminate() {
      globalThis.ended.push(performance.now());
      super.terminate();
    }
  };
};

test("a corrupt file and an oversized image are named, and the others are done", { skip }, async () => {
  const folder = dataset(4, { "broken.jpg": Buffer.from("ffd8ffe000104a46494600", "hex"), "vast.png": oversized() });
  const { page } = await studio(session);
  await watched(page, "faults", async () => {
    await drop(page, folder);
    await page.waitForFunction(() => / images? ·/.test(document.body.textContent), { timeout: 30_000 });
    const before = await page.evaluate(() => document.body.innerText);
    const { words } = await augment(page);
    const told = before + words;
    assert.match(told, /broken\.jpg/);
    assert.match(told, /vast\.png/);
    assert.match(words, /20 outputs in/, "four images, five copies each");
  });
  await page.close({ runBeforeUnload: false });
});

test("workers that die in mid-run are replaced, and the run ends with every output", { skip }, async () => {
  const folder = dataset(40);
  const { page } = await studio(session, { prepare: watchWorkers });
  await watched(page, "killed", async () => {
    await drop(page, folder);
    await listed(page, 40);
    await press(page, "Augment");
    await page.waitForFunction(() => /[1-9]\d* of 200 outputs/.test(document.querySelector(".studio-run").innerText), {
      timeout: 60_000,
    });
    // As a browser reports a worker that ran out of memory.
    await page.evaluate(() => {
      const busy = globalThis.made.at(-1);
      busy.dispatchEvent(new ErrorEvent("error", { message: "out of memory", cancelable: true }));
    });
    const { words } = await finished(page);
    assert.match(words, /200 outputs in|failed/);
  });
  await page.close({ runBeforeUnload: false });
});

test("cancel stops the workers within 200 ms and leaves a usable page", { skip }, async () => {
  const folder = dataset(60);
  const { page } = await studio(session, { prepare: watchWorkers });
  await watched(page, "cancel", async () => {
    await drop(page, folder);
    await listed(page, 60);
    await press(page, "Augment");
    await page.waitForFunction(() => /[1-9]\d* of 300 outputs/.test(document.querySelector(".studio-run").innerText), {
      timeout: 60_000,
    });
    const took = await page.evaluate(async () => {
      const button = [...document.querySelectorAll("button")].find((button) => button.innerText.trim() === "Cancel");
      const before = globalThis.ended.length;
      const start = performance.now();
      button.click();
      while (globalThis.ended.length === before) await new Promise((resolve) => setTimeout(resolve, 1));
      return globalThis.ended.at(-1) - start;
    });
    assert.ok(took < 200, `the workers stopped after ${took.toFixed(0)} ms`);
    await page.waitForFunction(() => document.body.innerText.includes("Discard"), { timeout: 10_000 });
    await press(page, "Discard");
    await page.waitForFunction(() => !document.body.innerText.includes("Discard"), { timeout: 10_000 });
    const { words } = await augment(page);
    assert.match(words, /300 outputs in/);
  });
  await page.close({ runBeforeUnload: false });
});
