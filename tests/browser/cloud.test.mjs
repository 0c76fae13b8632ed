// Runs that are handed to the cloud, over `delta serve`: the same bytes, what is sent and where to, no network, cancel,
// images that fail.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { chromium, launch, settled, watched } from "./support/browser.mjs";
import { arrived, beginRun, dataset, handOver, HEAVY, kept, line, native, pause, puts, running, said, saying, start } from "./support/cloud.mjs";
import { serve, wire } from "./support/serve.mjs";
import { sha256 } from "./support/stage.mjs";
import { press, save } from "./support/studio.mjs";

const skip = chromium ? false : "dropping folders needs Chromium's protocol";

let session, server;
before(async () => (session = await launch()));
after(() => session.close());
// One each: another origin has nothing of the jobs before.
beforeEach(async () => (server = await serve()));
afterEach(() => server.stop());

const jobs = async () => (await server.call("/v1/jobs")).jobs;

test("a dataset with its labels is handed over in mid-run: its zip is the command line's, its bytes went to the store alone", { skip }, async () => {
  const folder = dataset(24);
  const { page, downloads, errors } = await running(session, server, folder, 24);
  await watched(page, "cloud hand over", async () => {
    const offer = await page.$eval(".cloud-offer", (offer) => offer.innerText);
    assert.match(offer, /here: [\d.]+ (s|min|h) · cloud: about [\d.]+ (s|min|h)/);
    const log = await wire(page);
    await press(page, "Hand it to the cloud");
    const dialog = await page.waitForSelector("dialog[open] .cloud-rules");
    const rules = await dialog.evaluate((rules) => rules.innerText);
    assert.match(rules, /24 images with [\d.]+ (kB|MB) and a zip of their labels/);
    assert.match(rules, new RegExp(new URL(server.origin).host));
    assert.match(rules, /not listed publicly/);
    assert.match(rules, /After 28 days, on \d+ \w+ \d{4}/);
    await new Promise((resolve) => setTimeout(resolve, 800));
    assert.deepEqual(log.requests().filter(({ method }) => method !== "GET"), [], "nothing is sent before the person agrees");
    await press(page, "Send it and run it there");
    const hash = await arrived(page);
    assert.equal(hash, await native(folder));
    assert.equal(await sha256(await save(page, downloads)), hash, "what is saved is what came");
    assert.equal(await page.$eval(".run .panel-title", (title) => title.innerText), "Run", "the run here gave way");
    assert.deepEqual(await kept(page), [], "nothing is kept here any more");

    const sent = puts(log);
    assert.equal(sent.length, 25, "24 images and the zip of labels, each once");
    for (const { url, headers } of sent) {
      const { origin, pathname, searchParams } = new URL(url);
      assert.equal(origin, server.origin);
      assert.match(pathname, /^\/delta-(originals|results)\//, "the store's own paths");
      assert.ok(searchParams.get("X-Amz-Signature"), "as signed");
      assert.equal(headers.authorization, undefined, "the address alone gives leave");
    }
    for (const { method, url, hasBody, body } of log.requests().filter(({ method }) => method !== "PUT")) {
      if (!hasBody) continue;
      assert.match(new URL(url).pathname, /^\/v1\//, `${method} ${url}`);
      assert.doesNotThrow(() => JSON.parse(body), "words, not pixels");
    }
    const leak = await page.$eval(".trust", (line) => line.classList.contains("leak"));
    assert.equal(leak, false, "the page knows where it went");
    assert.deepEqual(errors, []);
    assert.deepEqual(session.outside(), []);

    const uploads = sent.map(({ url }) => new URL(url).pathname).filter((path) => path.startsWith("/delta-originals/")).map((path) => path.split("/")[2]);
    assert.equal((await jobs()).length, 1);
    await press(page, "Remove from the cloud");
    await page.waitForFunction(() => !document.querySelector(".cloud-job"), { timeout: 60_000 });
    assert.deepEqual(await jobs(), []);
    for (const id of uploads) assert.equal((await server.call(`/v1/images/${id}`)).status, 404, "its images are gone too");
  });
  await page.close({ runBeforeUnload: false });
});

test("a job that is begun without a network is kept, found by a page that is loaded again, and goes when the network is back", { skip }, async () => {
  const folder = dataset(12);
  const recipe = { ...HEAVY, seed: 5 };
  const { page, downloads, errors } = await start(session, server, { recipe });
  page.on("dialog", (dialog) => dialog.accept());
  await watched(page, "cloud offline", async () => {
    await settled(page);
    await beginRun(page, folder, 12);
    await page.setOfflineMode(true);
    await page.waitForSelector(".cloud-offer ::-p-text(You are offline)");
    await handOver(page, "Keep it and send it later");
    await saying(page, "Waiting for the network: 0 of 12 sent, .* kept in this browser");
    assert.equal((await kept(page)).length, 13, "12 images and their labels");
    await page.reload({ waitUntil: "load" });
    await press(page, "Jobs in the cloud: waiting");
    await page.waitForSelector("dialog[open] .cloud-job");
    assert.match(await said(page), /Waiting for the network: 0 of 12 sent/);
    await page.setOfflineMode(false);
    const hash = await arrived(page);
    assert.equal(hash, await native(folder, recipe));
    assert.equal(await sha256(await save(page, downloads)), hash);
    assert.deepEqual(await kept(page), []);
    await press(page, "Remove from the cloud");
    await page.waitForSelector("dialog[open] ::-p-text(There are none.)");
    assert.deepEqual(errors.filter((words) => !/ERR_INTERNET_DISCONNECTED/.test(words)), []);
  });
  await page.close({ runBeforeUnload: false });
});

test("a network that goes while images are sent: what arrived is not sent again, nor is it by a second job", { skip }, async () => {
  const folder = dataset(16);
  const { page } = await running(session, server, folder, 16);
  await watched(page, "cloud broken line", async () => {
    const net = await line(page);
    await net.slow(100_000);
    const log = await wire(page);
    await handOver(page);
    await saying(page, "[4-9] of 16 images sent");
    await net.gone();
    await saying(page, "Waiting for the network");
    const before = new Set(puts(log).map(({ url }) => new URL(url).pathname));
    await net.fast();
    const hash = await arrived(page);
    assert.equal(hash, await native(folder));
    const originals = puts(log).map(({ url }) => new URL(url).pathname).filter((path) => path.startsWith("/delta-originals/"));
    assert.equal(new Set(originals).size, 16, "each has one place");
    assert.ok(before.size < 16, "the line broke before all were sent");
    // Those that were on the line when it broke, with their tries while it was gone.
    const again = originals.filter((path, at) => originals.indexOf(path) !== at);
    assert.ok(new Set(again).size <= 4, `sent again: ${[...new Set(again)]}`);

    const count = puts(log).length;
    await press(page, "Augment");
    await page.waitForSelector(".cloud-offer", { timeout: 120_000 });
    await pause(page);
    await handOver(page);
    await page.waitForFunction(() => document.querySelectorAll(".cloud-job.done").length === 2, { timeout: 300_000 });
    const more = puts(log).slice(count).map(({ url }) => new URL(url).pathname);
    assert.deepEqual(more.filter((path) => path.startsWith("/delta-originals/")), [], "the images are there already");
  });
  await page.close({ runBeforeUnload: false });
});

test("a job that is cancelled while it is sent leaves nothing, here or there, and the run here goes on", { skip }, async () => {
  const folder = dataset(14, {}, "coco");
  const { page } = await running(session, server, folder, 14);
  await watched(page, "cloud cancel", async () => {
    await (await line(page)).slow(60_000);
    const log = await wire(page);
    await handOver(page);
    await saying(page, "[1-9] of 14 images sent");
    await press(page, "Cancel the job");
    await page.waitForFunction(() => !document.querySelector(".cloud-job"), { timeout: 60_000 });
    assert.deepEqual(await kept(page), []);
    const ids = new Set(puts(log).map(({ url }) => new URL(url).pathname.split("/")[2]));
    assert.ok(ids.size > 0, "something was sent");
    const there = await Promise.all([...ids].map(async (id) => (await server.call(`/v1/images/${id}`)).state));
    assert.deepEqual(there.filter((state) => state && state !== "pending"), [], "what had arrived is gone");
    await page.waitForSelector(".run-live");
    await page.waitForSelector(".cloud-offer", { timeout: 15_000 });
  });
  await page.close({ runBeforeUnload: false });
});

test("images that fail are named: one that is none here, one that cannot be decoded there; the others are done", { skip }, async () => {
  const bad = { "broken.jpg": Buffer.from("ffd8ffe000104a46494600", "hex"), "words.jpg": Buffer.from("these are words, not pixels") };
  const folder = dataset(12, bad);
  const { page } = await running(session, server, folder, 14);
  await watched(page, "cloud failures", async () => {
    await handOver(page);
    await arrived(page);
    const failed = () => page.$$eval('.cloud-job [aria-label="Images that failed"] li', (rows) => rows.map((row) => row.innerText));
    const rows = await failed();
    assert.equal(rows.length, 2, rows.join(" | "));
    assert.match(rows.find((row) => row.includes("words.jpg")), /[Nn]ot a valid image file/);
    assert.match(rows.find((row) => row.includes("broken.jpg")), /broken\.jpg/);
    const first = await page.$eval(".cloud-job.done .run-hash code", (code) => code.textContent);
    await press(page, "Try the failed ones again");
    await page.waitForFunction(() => !document.querySelector(".cloud-job.done"), { timeout: 15_000 });
    assert.equal(await arrived(page), first, "it fails again, and the rest is as it was");
    assert.equal((await failed()).length, 2);
  });
  await page.close({ runBeforeUnload: false });
});
