// The Studio as a person uses it: bring a dataset, run, save; by names and roles, as a screen reader finds them.

import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

import { chromium, open } from "./browser.mjs";

/** The address' fragment that carries a recipe, as the page's own links do. */
export const link = (recipe) => `#recipe=${Buffer.from(JSON.stringify(recipe)).toString("base64url")}`;

/** A page of the Studio whose downloads land in the session's folder. */
export async function studio(session, options = {}) {
  const opened = await open(session, options);
  const { page } = opened;
  const { downloads } = session;
  // Firefox was told when it started.
  if (chromium) await session.browser.defaultBrowserContext().setDownloadBehavior({ policy: "allow", downloadPath: downloads });
  return { ...opened, downloads };
}

/** Clicks what has this name, and role where it matters. */
export async function press(page, name, role = "button") {
  const found = await page.waitForSelector(`::-p-aria([name="${name}"][role="${role}"])`, { visible: true, timeout: 15_000 });
  await found.click();
}

/** Whether something with this name and role is there. */
export const there = async (page, name, role = "button") => !!(await page.$(`::-p-aria([name="${name}"][role="${role}"])`));

/** Drops files and folders onto the page, as the system does. Chromium alone lets a test do that. */
export async function drop(page, ...paths) {
  const client = await page.createCDPSession();
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) {
    await client.send("Input.dispatchDragEvent", { type, x: 300, y: 300, data });
  }
  await client.detach();
}

/** Brings files by the page's own chooser. */
export async function pick(page, ...paths) {
  const input = await page.waitForSelector("input[type=file]:not([webkitdirectory])");
  await input.uploadFile(...paths);
}

/** Waits until the dataset is listed. */
export async function listed(page, images) {
  const words = images === 1 ? "1 image" : `${images} images`;
  await page.waitForFunction((words) => document.body.textContent.includes(`${words} ·`), { timeout: 60_000 }, words);
}

/** Goes to the part of the Studio with this name, where only one is shown at a time. */
export async function turnTo(page, part) {
  const tab = await page.$(`nav[aria-label="Parts of the Studio"] ::-p-text(${part})`);
  if (tab && (await tab.isVisible())) await tab.click();
}

/** Presses Augment and waits for the end; what the summary says. */
export async function augment(page, timeout = 300_000) {
  await press(page, "Augment");
  return finished(page, timeout);
}

/** Waits for the summary of a run; its hash and the failures that it names. */
export async function finished(page, timeout = 300_000) {
  await page.waitForSelector(".run-hash code", { timeout });
  return page.evaluate(() => ({
    sha256: document.querySelector(".run-hash code").textContent.trim(),
    words: document.querySelector(".studio-run").innerText,
    failed: [...document.querySelectorAll('[aria-label="Files that failed"] li')].map((row) => row.innerText),
  }));
}

/** Takes a recipe by its link, as a person who follows one while the page is open. */
export async function follow(page, recipe) {
  await page.evaluate((fragment) => (location.hash = fragment), link(recipe));
  // The page takes the recipe, then tidies its address.
  await page.waitForFunction(() => !location.hash, { timeout: 15_000 });
}

/** Lets the zip of a run go and makes ready for another one. */
export async function again(page) {
  await press(page, "Run again");
  await press(page, "Discard it");
  await page.waitForFunction(() => !document.querySelector(".run-hash code"), { timeout: 15_000 });
}

/** Saves the zip; the path of what was saved. */
export async function save(page, downloads) {
  // Chromium writes over a file of the same name, Firefox beside it: with none there, both do the same.
  for (const name of readdirSync(downloads)) rmSync(join(downloads, name));
  await press(page, "Save");
  for (let tries = 0; tries < 600; tries++) {
    const files = readdirSync(downloads);
    const name = files.find((name) => name.endsWith(".zip"));
    // While a file comes in, there is a second one with another ending.
    if (name && statSync(join(downloads, name)).size > 0 && !files.some((name) => /\.(crdownload|part)$/.test(name))) {
      return join(downloads, name);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("nothing was saved within 30 seconds");
}
