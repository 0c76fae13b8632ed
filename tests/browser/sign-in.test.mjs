// Signing in where the gallery wants to know who shares: PKCE, state and nonce, and where the token goes.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch, open as openPage, scratch, watched } from "./support/browser.mjs";
import { chosen, open, shareAll, shown, waitFor } from "./support/gallery.mjs";
import { PERSON, issuer } from "./support/issuer.mjs";
import { serve, wire } from "./support/serve.mjs";
import { delta } from "./support/stage.mjs";
import { listed, pick, press, studio, there } from "./support/studio.mjs";

let session, signer, server, image;
before(async () => {
  session = await launch();
  signer = await issuer("ES256");
  server = await serve(signer.environment);
  const folder = join(scratch("sign-in"), "drawn");
  delta(["sample", "-o", folder, "--count", "1", "--labels", "coco"]);
  const { images } = JSON.parse(readFileSync(find(folder, ".json"), "utf8"));
  image = find(folder, images[0].file_name.split("/").at(-1));
});
after(async () => {
  await session.close();
  await server.stop();
  signer.close();
});

function find(folder, ending) {
  return join(folder, readdirSync(folder, { recursive: true }).find((name) => name.endsWith(ending)));
}

const signedIn = (page) => page.waitForFunction((person) => document.body.innerText.includes(person), { timeout: 30_000 }, PERSON);

test("a person signs in, shares something private and sees it; the token goes to the API alone", async () => {
  const { page, errors } = await open(session, server);
  await watched(page, "sign in", async () => {
    await press(page, "Sign in");
    await signedIn(page);
    assert.equal(await page.evaluate(() => location.href), `${server.page}#gallery`, "the code is not left in the address");
    const { body, headers } = signer.asked[0];
    assert.equal(signer.asked.length, 1);
    assert.ok(!("authorization" in headers) && !body.includes("client_secret"), "a page has no secret");
    const kept = await page.evaluate(() => [Object.values(localStorage).join(" "), Object.values(sessionStorage).join(" ")]);
    assert.ok(!kept[0].includes("eyJ") && kept[1].includes("eyJ"), "the token lives as long as its tab");

    const log = await wire(page);
    await page.evaluate(() => (location.hash = ""));
    await pick(page, image);
    await listed(page, 1);
    await press(page, "Augment on the server");
    await chosen(page, "Title", "Mine alone");
    await press(page, "Private", "switch");
    await shareAll(page);
    await press(page, "To the gallery");
    await shown(page, "Mine alone");
    await page.waitForFunction(() => document.querySelector(".shot img")?.naturalWidth > 0, { timeout: 60_000 });
    assert.deepEqual(await server.images(), [], "others do not see it");
    await page.click(".shot a");
    await page.waitForFunction(() => document.querySelector(".one-original img")?.naturalWidth > 0, { timeout: 30_000 });
    await page.waitForSelector(".result-grid canvas[width='360'], .result-grid canvas[height='360']", { timeout: 60_000 });
    const withToken = log.requests().filter(({ headers }) => headers.authorization);
    assert.ok(withToken.length > 3, "the API knows who asks");
    for (const { url } of withToken) assert.match(new URL(url).pathname, /^\/v1\//, url);
    const stored = log.requests().filter(({ url }) => /^\/delta-(originals|results)\//.test(new URL(url).pathname));
    assert.ok(stored.length >= 3 && stored.every(({ headers }) => !headers.authorization), "the store never does");
    assert.deepEqual(errors, []);

    await page.evaluate(() => (location.hash = "#settings"));
    await press(page, "Sign out");
    assert.equal(await page.evaluate(() => Object.values(sessionStorage).join(" ").includes("eyJ")), false, "signed out");
    await page.evaluate(() => (location.hash = "#gallery"));
    await page.waitForFunction(() => document.body.innerText.includes("There are no images yet"), { timeout: 15_000 });
  });
  await page.close({ runBeforeUnload: false });
});

test("with images in the Studio a tab of its own signs in, and nothing is lost", async () => {
  const { page, errors } = await studio(session, { site: server.page });
  await watched(page, "sign in tab", async () => {
    await pick(page, image);
    await listed(page, 1);
    await press(page, "Augment on the server");
    assert.ok(await there(page, "Sign in"), "the dialog asks");
    await press(page, "Sign in");
    await page.waitForSelector("dialog[open] ::-p-text(Shared as)", { timeout: 30_000 });
    await waitFor(async () => (await session.browser.pages()).every((other) => !other.url().includes("code=")));
    await shareAll(page);
    assert.deepEqual(errors, []);
  });
  await page.close({ runBeforeUnload: false });
});

test("an answer that belongs to no sign-in is refused, and does not stay in the address", async () => {
  const before = signer.asked.length;
  const { page } = await openPage(session, { site: `${server.page}?code=stolen&state=guessed` });
  await watched(page, "sign in strange", async () => {
    await page.waitForSelector("::-p-text(does not belong to a sign-in)", { timeout: 30_000 });
    assert.equal(await page.evaluate(() => location.search), "");
    assert.equal(signer.asked.length, before, "the code was not sent anywhere");
  });
  await page.close({ runBeforeUnload: false });
});
