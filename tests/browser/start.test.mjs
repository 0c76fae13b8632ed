// The page starts: on any path, within its own policy, without a word in the console.

import assert from "node:assert/strict";
import { cpSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch, open, scratch, settled, watched } from "./support/browser.mjs";
import { host, program } from "./support/stage.mjs";
import { press } from "./support/studio.mjs";

let session;
before(async () => (session = await launch()));
after(() => session.close());

test("the page starts below any path, asks for nothing but its own files and says nothing in the console", async () => {
  const { page, errors, requests } = await open(session);
  await watched(page, "start", async () => {
    await page.waitForSelector("::-p-aria([role='main'])");
    await settled(page);
    const elsewhere = requests.filter((url) => !url.startsWith(program("SITE")) && !url.startsWith("blob:"));
    assert.deepEqual(elsewhere, []);
    assert.deepEqual(session.outside(), []);
    assert.deepEqual(errors, []);
  });
  await page.close();
});

test("a part that fails to load says so, and loads at the next try", async () => {
  const site = join(scratch("lame"), "site");
  cpSync(program("SITE_FOLDER"), site, { recursive: true });
  const away = readdirSync(site).filter((name) => name.startsWith("app_split_studio-"));
  for (const name of away) renameSync(join(site, name), join(site, "..", name));
  const lame = await host(site);
  const { page } = await open(session, { site: lame.address });
  await watched(page, "lame", async () => {
    await press(page, "Try the sample");
    await page.waitForSelector("[role=alert] ::-p-text(could not be downloaded)", { timeout: 30_000 });
    for (const name of away) renameSync(join(site, "..", name), join(site, name));
    await press(page, "Try again");
    await page.waitForSelector("::-p-aria([name='Augment'][role='button'])", { timeout: 30_000 });
  });
  await page.close({ runBeforeUnload: false });
  await lame.stop();
});

test("what leaves the site is noticed: the check above can fail", async () => {
  const page = await session.browser.newPage();
  await page.goto("http://example.org/anything").catch(() => {});
  assert.ok(session.outside().some((url) => url.includes("example.org")), "the request was seen");
  session.forget();
  await page.close();
});

test("the policy keeps the page from talking to anybody else, and from running text as code", async () => {
  const { page } = await open(session);
  const outcome = await page.evaluate(async () => {
    const refused = [];
    addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
    await fetch("https://example.org/").catch(() => {});
    const image = new Image();
    await new Promise((resolve) => {
      image.onerror = resolve;
      image.src = "https://example.org/a.png";
    });
    const script = document.createElement("script");
    script.textContent = "globalThis.ranInline = true";
    document.head.append(script);
    await new Promise((resolve) => setTimeout(resolve, 200));
    return { refused: [...new Set(refused)].sort(), ranInline: globalThis.ranInline ?? false };
  });
  assert.deepEqual(outcome, { refused: ["connect-src", "img-src", "script-src-elem"], ranInline: false });
  assert.deepEqual(session.outside(), []);
  await page.close();
});
