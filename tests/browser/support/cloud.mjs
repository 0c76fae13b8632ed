// Runs in the cloud as a person hands them over: by names and roles, as a screen reader finds them.

import { randomBytes } from "node:crypto";
import { appendFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { scratch } from "./browser.mjs";
import { delta, sha256 } from "./stage.mjs";
import { drop, link, listed, press, studio } from "./studio.mjs";

/** A recipe whose run takes long enough to be handed over. */
export const HEAVY = {
  version: 1,
  seed: 21,
  count: 20,
  steps: [{ op: "rotate", degrees: [-20, 20] }, { op: "elastic" }, { op: "median_blur", p: 0.8 }, { op: "gaussian_noise" }],
};

/** A drawn dataset that was never sent before, with further files among its images. */
export function dataset(count, more = {}, labels = "voc") {
  const folder = join(scratch("cloud"), "drawn");
  delta(["sample", "-o", folder, "--count", `${count}`, "--labels", labels]);
  const images = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".jpg")).map((name) => join(folder, name));
  // The drawings are the same each time; what follows the end of a JPEG is part of no picture.
  for (const path of images) appendFileSync(path, randomBytes(12));
  for (const [name, bytes] of Object.entries(more)) writeFileSync(join(images[0], "..", name), bytes);
  return folder;
}

/** What `delta augment` makes of a folder; failures of images are no error. */
export async function native(folder, recipe = HEAVY) {
  const place = scratch("native");
  writeFileSync(join(place, "recipe.json"), JSON.stringify(recipe));
  const target = join(place, "out.zip");
  delta(["augment", folder, "-o", target, "--recipe", join(place, "recipe.json"), "--seed", `${recipe.seed}`, "--count", `${recipe.count}`], [0, 1]);
  return sha256(target);
}

/** A page of the served Studio with one worker, so that its runs take their time on any machine. */
export const start = (session, server, { recipe = HEAVY, ...options } = {}) =>
  studio(session, { site: server.page, fragment: link(recipe), prepare: () => localStorage.setItem("delta-augment.workers", "1"), ...options });

/** A page of the served Studio whose run of a folder is on, with the cloud's offer beside it; then it is paused. */
export async function running(session, server, folder, images) {
  const opened = await start(session, server);
  await beginRun(opened.page, folder, images);
  return opened;
}

/** Begins a run of a folder on an open page, after a look at it before, and pauses it once it is offered to the cloud. */
export async function beginRun(page, folder, images, look = async () => {}) {
  await drop(page, folder);
  await listed(page, images);
  const tab = await page.$('nav[aria-label="Parts of the Studio"] ::-p-text(Run)');
  if (tab && (await tab.isVisible())) await tab.click();
  await look();
  await press(page, "Augment");
  await page.waitForSelector(".cloud-offer", { timeout: 120_000 });
  // However long the rest takes, the run here does not end before the cloud has the job.
  await pause(page);
}

/** Pauses the run that is on. Its panel is drawn again: what is pressed next must be the new one's. */
export async function pause(page) {
  await press(page, "Pause");
  await page.waitForSelector('::-p-aria([name="Resume"][role="button"])', { visible: true, timeout: 15_000 });
}

/** Presses the offer's button, and the dialog's. */
export async function handOver(page, agree = "Send it and run it there") {
  await press(page, "Hand it to the cloud");
  await page.waitForSelector("dialog[open] .cloud-rules");
  await press(page, agree);
}

/** What the card of the job says now. */
export const said = (page) => page.$$eval(".run .cloud-words, dialog[open] .cloud-words", (all) => all.map((one) => one.innerText).join(" | "));

/** Waits until the card of the job says so. */
export const saying = (page, words, timeout = 60_000) =>
  page.waitForFunction((words) => [...document.querySelectorAll(".cloud-words")].some((one) => new RegExp(words).test(one.textContent)), { timeout }, words);

/** Waits for the zip; its hash. */
export async function arrived(page, timeout = 300_000) {
  const hash = await page.waitForSelector(".cloud-job.done .run-hash code", { timeout });
  return hash.evaluate((code) => code.textContent.trim());
}

/** The files that the page keeps in this browser for jobs. */
export const kept = (page) =>
  page.evaluate(async () => {
    const names = [];
    const root = await navigator.storage.getDirectory();
    const jobs = await root.getDirectoryHandle("jobs").catch(() => undefined);
    if (!jobs) return names;
    for await (const [job, folder] of jobs.entries()) {
      for await (const name of folder.keys()) names.push(`${job}/${name}`);
    }
    return names;
  });

/** The line of a page: as slow as wanted in bytes a second up, gone, or as fast as can be. */
export async function line(page) {
  const client = await page.createCDPSession();
  await client.send("Network.enable");
  const set = (offline, uploadThroughput) =>
    client.send("Network.emulateNetworkConditions", { offline, latency: 0, downloadThroughput: -1, uploadThroughput });
  return { slow: (bytes) => set(false, bytes), gone: () => set(true, -1), fast: () => set(false, -1) };
}

/** The PUTs to the store among what went over the wire, by the path of their object. */
export const puts = (log) => log.requests().filter(({ method }) => method === "PUT");
