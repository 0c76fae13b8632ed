// The gallery over `delta serve`: shared from the Studio, found, looked at, downloaded, changed, deleted; and where the
// bytes of images went.

import assert from "node:assert/strict";
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch, scratch, watched } from "./support/browser.mjs";
import { chosen, open, picked, shareAll, shown, waitFor } from "./support/gallery.mjs";
import { serve, wire } from "./support/serve.mjs";
import { delta, photographs, sha256 } from "./support/stage.mjs";
import { augment, link, listed, pick, press, studio } from "./support/studio.mjs";

const RECIPE = { ...JSON.parse(delta(["recipe", "show", "classic"])), count: 3, seed: 21 };

let session, server, photograph, another;
before(async () => {
  session = await launch();
  server = await serve();
  [photograph, another] = pictures();
});
after(async () => {
  await session.close();
  await server.stop();
});

/** Two photographs without labels, or drawn images where there are none. */
function pictures() {
  const folder = scratch("pictures");
  const cells = photographs("bccd-voc");
  const from = cells ?? (delta(["sample", "-o", join(folder, "drawn"), "--count", "2", "--labels", "voc"]), join(folder, "drawn"));
  const found = readdirSync(from, { recursive: true }).filter((name) => /\.jpe?g$/i.test(name)).sort();
  return ["first.jpg", "second.jpg"].map((name, at) => {
    copyFileSync(join(from, found[at]), join(folder, name));
    return join(folder, name);
  });
}

/** What `delta augment` makes of an image. */
async function native(image, recipe = RECIPE) {
  const folder = scratch("native");
  writeFileSync(join(folder, "recipe.json"), JSON.stringify(recipe));
  const target = join(folder, "out.zip");
  delta(["augment", image, "-o", target, "--recipe", join(folder, "recipe.json"), "--seed", `${recipe.seed}`, "--count", `${recipe.count}`]);
  return sha256(target);
}

/** The zip of an image in the gallery, as anybody downloads it. */
async function downloaded(id) {
  const path = join(scratch("downloaded"), "results.zip");
  const answer = await fetch(`${server.origin}/v1/images/${id}/results`);
  assert.equal(answer.status, 200);
  writeFileSync(path, Buffer.from(await answer.arrayBuffer()));
  return sha256(path);
}

/** The Studio of the served page with one image and the recipe. */
async function prepared(image, fragment = link(RECIPE)) {
  const opened = await studio(session, { site: server.page, fragment });
  await pick(opened.page, image);
  await listed(opened.page, 1);
  return opened;
}

test("a photograph is augmented, shared, found, opened and downloaded; its bytes go to the store alone, as signed", async () => {
  const { page, errors } = await prepared(photograph);
  await watched(page, "gallery share", async () => {
    const { sha256: made } = await augment(page);
    const log = await wire(page);
    await press(page, "Share");
    await chosen(page, "Title", "A first one");
    await chosen(page, "Tags", "cells blood");
    await chosen(page, "Group", "slides");
    await shareAll(page);
    await press(page, "To the gallery");
    await shown(page, "A first one");

    const [image] = await server.images();
    const expected = await native(photograph);
    assert.equal(made, expected, "the page's own zip is the command line's");
    assert.equal(await downloaded(image.id), expected, "and so is the one in the gallery");
    assert.deepEqual([image.tags, image.group, image.visibility], [["blood", "cells"], "slides", "public"]);

    const requests = log.requests();
    const puts = requests.filter(({ method }) => method === "PUT");
    assert.equal(puts.length, 2, "one for the image, one for its zip");
    const original = readFileSync(photograph);
    for (const { url, headers } of puts) {
      const { pathname, searchParams, origin } = new URL(url);
      assert.equal(origin, server.origin);
      assert.match(pathname, /^\/delta-(originals|results)\//, "the store's own paths");
      const signed = searchParams.get("X-Amz-SignedHeaders").split(";").sort();
      const ours = ["x-amz-checksum-sha256", "x-amz-meta-announced", "x-amz-tagging"];
      assert.deepEqual(signed, ["content-length", "content-type", "host", ...ours]);
      for (const name of signed) assert.ok(headers[name], `${name} is sent: ${JSON.stringify(headers)}`);
      assert.equal(headers.authorization, undefined, "the address alone gives leave");
    }
    const [first, second] = puts.map(({ headers }) => headers);
    assert.deepEqual([first["content-type"], first["content-length"]], ["image/jpeg", `${original.length}`]);
    assert.equal(first["x-amz-checksum-sha256"], Buffer.from(image.sha256, "hex").toString("base64"));
    assert.deepEqual([second["content-type"], second["content-length"]], ["application/zip", `${image.results.size}`]);
    assert.equal(second["x-amz-checksum-sha256"], Buffer.from(expected, "hex").toString("base64"));
    for (const { method, url, hasBody, body } of requests.filter(({ method }) => method !== "PUT")) {
      if (!hasBody) continue;
      assert.match(new URL(url).pathname, /^\/v1\//, `${method} ${url}`);
      assert.ok(body && body.length < 8192, `${method} ${url} has a body of ${body?.length}`);
      assert.doesNotThrow(() => JSON.parse(body), "words, not pixels");
    }
    const trust = await page.$eval(".trust", (line) => line.textContent);
    assert.match(trust, /shared by you, nothing else/, "the page says that something left");
    const said = await page.evaluate(() => document.querySelector(".trust").classList.contains("leak"));
    assert.equal(said, false, "and that nothing else did");

    await picked(page, "A first one");
    await page.waitForSelector(".result-grid canvas[width='360'], .result-grid canvas[height='360']", { timeout: 60_000 });
    const words = await page.$eval("main", (main) => main.innerText);
    assert.match(words, /3 images, no labels/);
    assert.match(words, /Manifest: 3 lines/);
    assert.equal(await page.$eval("[data-hash=results]", (code) => code.textContent), expected);
    assert.deepEqual(errors, []);
    assert.deepEqual(session.outside(), []);
  });
  await page.close({ runBeforeUnload: false });
});

test("the server augments another one: it shows up with its thumbnail, its zip the command line's", async () => {
  const { page, errors } = await prepared(another);
  await watched(page, "gallery server", async () => {
    await press(page, "Augment on the server");
    await chosen(page, "Title", "A second one");
    await chosen(page, "Tags", "sky");
    await shareAll(page);
    await press(page, "To the gallery");
    await shown(page, "A second one");
    await page.waitForFunction(
      () => [...document.querySelectorAll(".shot")].some((shot) => shot.innerText.includes("A second one") && shot.querySelector("img")?.naturalWidth > 0),
      { timeout: 60_000 },
    );
    const image = await waitFor(async () => (await server.images()).find(({ title, state }) => title === "A second one" && state === "ready"));
    assert.equal(image.run, "server");
    assert.equal(await downloaded(image.id), await native(another));
    assert.deepEqual(errors, []);
  });
  await page.close({ runBeforeUnload: false });
});

test("images with labels are shared one by one, each with a zip of its own results and labels", async () => {
  const folder = join(scratch("labeled"), "drawn");
  delta(["sample", "-o", folder, "--count", "2", "--labels", "voc"]);
  const files = readdirSync(folder, { recursive: true }).filter((name) => /\.(jpe?g|png|xml)$/i.test(name)).map((name) => join(folder, name));
  const { page, errors } = await studio(session, { site: server.page, fragment: link(RECIPE) });
  await watched(page, "gallery labels", async () => {
    await pick(page, ...files);
    await listed(page, 2);
    await page.evaluate(() => (location.hash = "#gallery"));
    await press(page, "Share images");
    await chosen(page, "Tags", "drawn");
    await shareAll(page, 2);
    const images = (await server.images()).filter(({ tags }) => tags.includes("drawn"));
    assert.equal(images.length, 2);
    for (const { id, filename } of images) {
      const own = files.filter((path) => path.includes(`/${filename.replace(/\.[^.]+$/, ".")}`));
      assert.equal(own.length, 2, "the image and its labels");
      const folder = scratch("native");
      writeFileSync(join(folder, "recipe.json"), JSON.stringify(RECIPE));
      const target = join(folder, "out.zip");
      const flat = own.map((path) => join(folder, path.split("/").at(-1)));
      own.forEach((path, at) => copyFileSync(path, flat[at]));
      delta(["augment", ...flat, "-o", target, "--recipe", join(folder, "recipe.json"), "--seed", "21", "--count", "3"]);
      assert.equal(await downloaded(id), await sha256(target), filename);
    }
    await press(page, "To the gallery");
    await picked(page, images[0].filename);
    await page.waitForSelector(".result ::-p-text(object)", { timeout: 60_000 });
    assert.match(await page.$eval("main", (main) => main.innerText), /labels in Pascal VOC/);
    assert.deepEqual(errors, []);
  });
  await page.close({ runBeforeUnload: false });
});

test("found by tag, group and words; changed, hidden, opened in the Studio, deleted after a question", async () => {
  const { page, errors } = await open(session, server);
  await watched(page, "gallery change", async () => {
    const titles = () => page.$$eval(".shot-title", (all) => all.map((one) => one.textContent));
    const titled = (expected) =>
      page.waitForFunction(
        (expected) => JSON.stringify([...document.querySelectorAll(".shot-title")].map((one) => one.textContent)) === expected,
        { timeout: 15_000 },
        JSON.stringify(expected),
      );
    await shown(page, "A first one");
    assert.equal((await titles()).length, 4);
    await press(page, "cells");
    await titled(["A first one"]);
    await press(page, "sky");
    await titled(["A second one"]);
    await press(page, "Clear");
    await page.select("select[aria-label=Group]", "slides");
    await titled(["A first one"]);
    await press(page, "Clear");
    await page.type("input[type=search]", "SECOND");
    await titled(["A second one"]);
    await press(page, "Clear");

    await picked(page, "A first one");
    await press(page, "Edit");
    await chosen(page, "Title", "Renamed");
    await chosen(page, "Tags", "cells");
    await press(page, "Save");
    await page.waitForSelector("h1 ::-p-text(Renamed)");
    const find = async () => (await server.images()).find(({ title }) => title === "Renamed");
    assert.deepEqual((await find()).tags, ["cells"]);
    await press(page, "Make private");
    await page.waitForSelector("::-p-aria([name='Make public'][role='button'])");
    const { id } = await find();
    assert.equal((await find()).visibility, "private");

    await press(page, "Open in Studio");
    await listed(page, 1);
    await page.waitForFunction(() => !location.hash, { timeout: 15_000 });
    assert.equal(await page.$eval(".image-name", (name) => name.textContent), "first.jpg");

    await page.evaluate((id) => (location.hash = `#gallery/${id}`), id);
    await press(page, "Delete");
    await press(page, "Keep it");
    assert.ok(await find(), "nothing was deleted without an answer");
    await press(page, "Delete");
    await press(page, "Delete for good");
    await page.waitForFunction(() => location.hash === "#gallery", { timeout: 15_000 });
    assert.equal(await find(), undefined);
    for (const file of ["original", "results", "thumbnail"]) {
      assert.equal((await fetch(`${server.origin}/v1/images/${id}/${file}`)).status, 404, file);
    }
    await page.waitForFunction(() => !document.body.innerText.includes("Renamed"), { timeout: 15_000 });
    assert.deepEqual(errors, []);
  });
  await page.close({ runBeforeUnload: false });
});

test("the grid goes on as far as one scrolls", async () => {
  const bytes = readFileSync(photograph);
  const { createHash } = await import("node:crypto");
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const about = { content_type: "image/jpeg", size: bytes.length, sha256, tags: ["many"], count: 1, recipe: "none", run: "server", visibility: "public", retention: "standard" };
  for (let at = 0; at < 80; at++) {
    const body = JSON.stringify({ ...about, filename: `many-${at}.jpg` });
    const { id, original } = await server.call("/v1/uploads", { method: "POST", body, headers: { "content-type": "application/json" } });
    await fetch(original.url, { method: "PUT", headers: original.headers, body: bytes });
    await server.call(`/v1/uploads/${id}/complete`, { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
  }
  const all = (await server.images()).length;
  const { page } = await open(session, server);
  await watched(page, "gallery scroll", async () => {
    await shown(page, "many-79.jpg");
    const count = () => page.$$eval(".shot", (all) => all.length);
    assert.ok((await count()) < 80, "not all at once");
    for (let tries = 0; (await count()) < all && tries < 100; tries++) {
      await page.$eval("main", (main) => main.scrollTo(0, main.scrollHeight));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.equal(await count(), all);
    await page.type("input[type=search]", "many-7");
    await page.waitForFunction(() => document.querySelectorAll(".shot").length === 11, { timeout: 15_000 });
  });
  await page.close({ runBeforeUnload: false });
});

test("a broken connection is tried again by itself, then by the person; nothing is lost", async () => {
  const { page } = await prepared(photograph);
  await watched(page, "gallery broken", async () => {
    let broken = 2;
    let tried = 0;
    await page.setRequestInterception(true);
    page.on("request", (request) => {
      if (request.method() !== "PUT") return request.continue();
      tried++;
      broken-- > 0 ? request.abort("connectionfailed") : request.continue();
    });
    await press(page, "Augment on the server");
    await chosen(page, "Title", "Through the storm");
    await shareAll(page);
    assert.equal(tried, 3, "two that broke and one that went through");
    await press(page, "Close");

    broken = Number.POSITIVE_INFINITY;
    await press(page, "Augment on the server");
    await chosen(page, "Title", "At the second go");
    await press(page, "Share 1 image");
    await page.waitForSelector(".upload.failed", { timeout: 60_000 });
    broken = 0;
    await press(page, "Try first.jpg again");
    await page.waitForSelector(".upload.done", { timeout: 60_000 });
    const titles = (await server.images()).map(({ title }) => title);
    assert.equal(titles.filter((title) => title === "At the second go").length, 1);
  });
  await page.close({ runBeforeUnload: false });
});

test("an upload that is cancelled leaves nothing behind", async () => {
  const folder = scratch("large");
  const large = join(folder, "large.bmp");
  writeFileSync(large, bitmap(3000, 2000));
  const { page } = await prepared(large);
  await watched(page, "gallery cancel", async () => {
    const log = await wire(page);
    await page.emulateNetworkConditions({ upload: 300_000, download: 1_000_000, latency: 0 });
    await press(page, "Augment on the server");
    await press(page, "Share 1 image");
    await page.waitForFunction(() => Number(document.querySelector(".upload [role=progressbar]")?.ariaValueNow) > 2, { timeout: 60_000 });
    await press(page, "Cancel the upload of large.bmp");
    await page.waitForSelector(".upload ::-p-text(nothing was kept)", { timeout: 30_000 });
    const reserved = log.requests().find(({ method }) => method === "PUT");
    const id = new URL(reserved.url).pathname.split("/")[3];
    await waitFor(async () => (await fetch(`${server.origin}/v1/images/${id}`)).status === 404);
  });
  await page.close({ runBeforeUnload: false });
});

test("an image of more than 64 MiB goes in parts, and after a new start of the page only those that are missing", async () => {
  const large = join(scratch("parts"), "large.bmp");
  writeFileSync(large, bitmap(5200, 4800));
  const first = await prepared(large, link({ ...RECIPE, count: 1 }));
  const parts = (log) => log.requests().filter(({ method }) => method === "PUT").map(({ url }) => Number(new URL(url).searchParams.get("partNumber")));
  await watched(first.page, "gallery parts", async () => {
    const { page } = first;
    const log = await wire(page);
    await page.emulateNetworkConditions({ upload: 6_000_000, download: 10_000_000, latency: 0 });
    await press(page, "Augment on the server");
    await press(page, "Share 1 image");
    await waitFor(() => parts(log).length >= 3, 120_000);
    page.on("dialog", (dialog) => dialog.accept());
    await page.emulateNetworkConditions(null);
    await page.goto("about:blank");
    await page.goto(server.page + link({ ...RECIPE, count: 1 }));
    await pick(page, large);
    await listed(page, 1);
    const later = await wire(page);
    await press(page, "Augment on the server");
    await press(page, "Share 1 image");
    await page.waitForSelector(".upload.done", { timeout: 180_000 });
    const sent = parts(later);
    assert.ok(sent.length >= 1 && sent.length <= 3 && !sent.includes(1), `only what was missing: ${sent} after ${parts(log)}`);
    const images = await server.images();
    assert.equal(images.filter(({ filename }) => filename === "large.bmp").length, 1);
  });
  await first.page.close({ runBeforeUnload: false });
});

/** A bitmap of noise, 24 bits a pixel, that no store can guess. */
function bitmap(width, height) {
  const row = Math.ceil((width * 3) / 4) * 4;
  const bytes = Buffer.alloc(54 + row * height);
  bytes.write("BM");
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  for (let at = 54, seed = width; at < bytes.length; at += 4) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    bytes.writeUInt32LE(seed & 0x1f1f1f1f, Math.min(at, bytes.length - 4));
  }
  return bytes;
}
