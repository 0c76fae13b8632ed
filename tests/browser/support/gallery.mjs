// The gallery as a person uses it: by names and roles, as a screen reader finds them.

import { open as openPage } from "./browser.mjs";
import { press } from "./studio.mjs";

/** The gallery of a server in a page of its own. */
export const open = (session, server, options = {}) => openPage(session, { site: server.page, fragment: "#gallery", ...options });

/** Waits until a function gives something. */
export async function waitFor(look, timeout = 60_000) {
  const end = Date.now() + timeout;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`nothing within ${timeout} ms: ${look}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Writes into the field of a name. */
export async function chosen(page, name, text) {
  const field = await page.waitForSelector(`::-p-aria([name="${name}"])`, { visible: true, timeout: 15_000 });
  await field.click({ count: 3 });
  await page.keyboard.press("Backspace");
  await field.type(text);
}

/** Presses the dialog's button and waits until all is shared. */
export async function shareAll(page, images = 1) {
  await press(page, images === 1 ? "Share 1 image" : `Share ${images} images`);
  await page.waitForFunction((images) => document.querySelectorAll("dialog[open] .upload.done").length === images, { timeout: 120_000 }, images);
}

/** Waits until an image is in the grid. */
export const shown = (page, title) =>
  page.waitForFunction(
    (title) => [...document.querySelectorAll(".shot-title")].some((one) => one.textContent === title),
    { timeout: 30_000 },
    title,
  );

/** Opens the page of an image. */
export async function picked(page, title) {
  await shown(page, title);
  const link = await page.evaluateHandle((title) => [...document.querySelectorAll(".shot")].find((one) => one.querySelector(".shot-title").textContent === title).querySelector("a"), title);
  await link.click();
  await page.waitForFunction((title) => document.querySelector("article h1")?.textContent === title, { timeout: 15_000 }, title);
}
