// What goes wrong costs what it must and no more: files that fail are named, a dead worker is replaced, cancel is quick.

import assert from "node:assert/strict";
import { copyFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { chromium, launch, scratch, watched } from "./support/browser.mjs";
import { delta, host, program, sha256 } from "./support/stage.mjs";
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

test("files that have gone since they were dropped are named, and the others are done", { skip }, async () => {
  const folder = dataset(12);
  const names = readdirSync(join(folder, "images")).sort();
  const { page } = await studio(session);
  await watched(page, "gone", async () => {
    await drop(page, folder);
    await listed(page, 12);
    // Two in a row among them: one is read while another is worked on.
    const gone = [names[3], names[7], names[8]];
    for (const name of gone) rmSync(join(folder, "images", name));
    await press(page, "Augment");
    const { words, failed } = await finished(page);
    assert.match(words, /45 outputs in/, "nine images, five copies each");
    for (const name of gone) {
      assert.ok(failed.some((line) => line.includes(name) && /cannot be read any more .* add it again/.test(line)), `${name}: ${failed}`);
    }
    assert.equal(failed.length, gone.length, `${failed}`);
  });
  await page.close({ runBeforeUnload: false });
});

/** Waits until a run of so many outputs has made some. */
const begun = (page, outputs) =>
  page.waitForFunction((outputs) => new RegExp(`[1-9]\\d* of ${outputs} outputs`).test(document.querySelector(".studio-run").innerText), { timeout: 60_000 }, outputs);

/** Ends a worker: loudly, as a browser tells of a program that failed, or without a word. */
const ends = {
  loudly: (page) => page.workers().at(-1).evaluate(() => setTimeout(() => { throw new Error("killed by a test"); })),
  silently: (page) => page.workers().at(-1).evaluate(() => self.close()),
};

for (const [how, end] of Object.entries(ends)) {
  test(`a worker that ends ${how} in mid-run is replaced, and the zip is the command line's`, { skip }, async () => {
    const folder = dataset(40);
    const { page } = await studio(session, { prepare: watchWorkers });
    await watched(page, `killed ${how}`, async () => {
      await drop(page, folder);
      await listed(page, 40);
      await press(page, "Augment");
      await begun(page, 200);
      const before = await page.evaluate(() => globalThis.made.length);
      await end(page);
      const { words, failed, sha256: said } = await finished(page);
      assert.deepEqual(failed, []);
      assert.match(words, /200 outputs in/);
      assert.ok((await page.evaluate(() => globalThis.made.length)) > before, "another worker took its place");
      const target = join(scratch("killed"), "out.zip");
      delta(["augment", folder, "-o", target, "--recipe", "classic", "--count", "5", "--seed", "7"]);
      assert.equal(said, await sha256(target));
    });
    await page.close({ runBeforeUnload: false });
  });
}

test("an image that is too large for a worker's memory is named after one more try, and the others are done", { skip }, async () => {
  const folder = dataset(12);
  const large = scratch("large");
  const recipe = join(large, "recipe.json");
  writeFileSync(recipe, JSON.stringify({ version: 1, steps: [{ op: "resize", width: 6000, height: 4500 }] }));
  const [one] = readdirSync(join(folder, "images"));
  delta(["augment", join(folder, "images", one), "-o", join(large, "out"), "--recipe", recipe, "--count", "1"]);
  const [made] = readdirSync(join(large, "out/images"));
  copyFileSync(join(large, "out/images", made), join(folder, "images/large.jpg"));
  // The site as it is, but for the memory that its workers may take: 64 MiB.
  const site = scratch("little");
  cpSync(program("SITE_FOLDER"), site, { recursive: true });
  for (const name of readdirSync(site)) {
    if (!name.startsWith("worker_bg-")) continue;
    if (name.endsWith(".wasm")) writeFileSync(join(site, name), withMemory(readFileSync(join(site, name)), 1024));
    else rmSync(join(site, name));
  }
  const little = await host(site);
  const { page } = await studio(session, { site: little.address, prepare: watchWorkers });
  await watched(page, "memory", async () => {
    await drop(page, folder);
    await listed(page, 13);
    const { words, failed } = await augment(page);
    assert.match(words, /60 outputs in/, "twelve images, five copies each");
    assert.equal(failed.length, 1, failed.join("; "));
    assert.match(failed[0], /large\.jpg/);
    assert.match(failed[0], /memory/);
  });
  await page.close({ runBeforeUnload: false });
  await little.stop();
});

/** A WebAssembly module whose memory may grow to so many pages of 64 KiB. */
function withMemory(module, pages) {
  const number = (at) => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = module[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return [value, at];
    }
  };
  const leb = (value) => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >> 7)]);
  const MEMORY = 5;
  for (let at = 8; at < module.length; ) {
    const [size, start] = number(at + 1);
    if (module[at] === MEMORY) {
      const [least] = number(start + 2);
      const section = [1, 1, ...leb(least), ...leb(pages)];
      return Buffer.concat([module.subarray(0, at), Buffer.from([MEMORY, ...leb(section.length), ...section]), module.subarray(start + size)]);
    }
    at = start + size;
  }
  throw new Error("the module has no memory of its own");
}

test("cancel stops the workers within 200 ms and leaves a usable page", { skip }, async () => {
  const folder = dataset(60);
  const { page } = await studio(session, { prepare: watchWorkers });
  await watched(page, "cancel", async () => {
    await drop(page, folder);
    await listed(page, 60);
    await press(page, "Augment");
    await begun(page, 300);
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
