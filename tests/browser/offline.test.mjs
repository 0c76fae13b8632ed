// Offline: after one visit the whole site is in the browser, and a new version waits until it is asked for.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch, open, scratch, settled, watched } from "./support/browser.mjs";
import { host, program } from "./support/stage.mjs";

let session;
before(async () => (session = await launch()));
after(() => session.close());

test("after one visit the page starts without its host, and its files come from the browser", async () => {
  const site = await host();
  const { page, errors } = await open(session, { site: site.address });
  await watched(page, "offline", async () => {
    await settled(page);
    await site.stop();
    await assert.rejects(fetch(site.address), "the host is gone");
    await page.reload({ waitUntil: "load" });
    await page.waitForFunction(() => !document.getElementById("start"), { timeout: 30_000 });
    const worker = await page.$eval("meta[name=worker]", (meta) => meta.content);
    const parts = await page.evaluate(async (worker) => {
      const glue = await (await fetch(worker)).text();
      const wasm = glue.match(/worker_bg-[0-9a-f]+\.wasm/)[0];
      return { wasm: (await (await fetch(`./${wasm}`)).arrayBuffer()).byteLength };
    }, worker);
    assert.ok(parts.wasm > 100_000, "the engine is kept too");
    assert.deepEqual(errors, []);
  });
  await page.close();
});

/** Turns a built site into a newer version of itself. */
function renew(folder) {
  const page = readFileSync(join(folder, "index.html"), "utf8").replace(/name="version" content="[^"]*"/, 'name="version" content="newer"');
  const hash = createHash("sha256").update(page).digest("base64");
  const worker = readFileSync(join(folder, "service-worker.js"), "utf8")
    .replace(/\["\.\/","[^"]+"\]/, `["./","${hash}"]`)
    .replace(/VERSION = "[0-9a-f]+"/, 'VERSION = "newer"');
  for (const [name, text] of [["index.html", page], ["service-worker.js", worker]]) {
    writeFileSync(join(folder, name), text);
    for (const ending of [".br", ".gz"]) rmSync(join(folder, name + ending));
  }
}

const version = (page) => page.$eval("meta[name=version]", (meta) => meta.content);

test("a new version waits until the page lets it in, and then the old one goes", async () => {
  const folder = scratch("update");
  cpSync(program("SITE_FOLDER"), folder, { recursive: true });
  const site = await host(folder);
  const { page } = await open(session, { site: site.address });
  await watched(page, "update", async () => {
    await settled(page);
    const old = await page.evaluate(() => caches.keys());
    assert.equal(old.length, 1, "one version is kept");
    renew(folder);
    const state = () =>
      page.evaluate(async () => {
        const registration = await navigator.serviceWorker.getRegistration();
        return { waiting: !!registration.waiting, caches: await caches.keys() };
      });
    await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      await registration.update();
      while (!registration.waiting) await new Promise((resolve) => setTimeout(resolve, 20));
    });
    await page.reload({ waitUntil: "load" });
    assert.notEqual(await version(page), "newer", "the old version, until it is let in");
    assert.equal((await state()).waiting, true);
    await page.evaluate(async () => {
      const changed = new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve));
      (await navigator.serviceWorker.getRegistration()).waiting.postMessage("skip waiting");
      await changed;
    }).catch((error) => {
      // The page may reload itself as soon as the new version is in charge.
      if (!/context|detached|navigat/i.test(error.message)) throw error;
    });
    await page.reload({ waitUntil: "load" });
    assert.equal(await version(page), "newer");
    const now = await state();
    assert.equal(now.waiting, false);
    assert.equal(now.caches.length, 1, "the old version is gone");
    assert.notDeepEqual(now.caches, old);
  });
  await site.stop();
  await page.close();
});
