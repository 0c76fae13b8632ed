// A browser of a test's own: started without habits, watched for errors and for every request that leaves the site.

import { createServer } from "node:http";
import { mkdirSync, mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { program } from "./stage.mjs";

const require = createRequire(join(program("DRIVER"), "package.json"));
const puppeteer = require("puppeteer-core").default ?? require("puppeteer-core");

export const chromium = program("BROWSER") === "chrome";

// The browser may not play, update, translate, report, or guess what is typed next.
const SWITCHES = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-default-apps",
  "--no-default-browser-check",
  "--disable-features=Translate,OptimizationHints,MediaRouter,AutofillServerCommunication",
];

/** Stands where the rest of the world would be: notes every request, and lets none through. */
async function world() {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(502).end();
  });
  server.on("connect", (request, socket) => {
    asked.push(request.url);
    socket.destroy();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { asked, port: server.address().port, close: () => server.close() };
}

/** A browser that is closed when the test file ends; `use` opens pages in it. */
export async function launch(switches = []) {
  const outside = await world();
  const downloads = scratch("downloads");
  const proxy = `127.0.0.1:${outside.port}`;
  const browser = await puppeteer.launch({
    browser: program("BROWSER"),
    executablePath: program("BROWSER_PROGRAM"),
    headless: true,
    // A whole run may pass between two answers.
    protocolTimeout: 180_000,
    args: chromium ? [...SWITCHES, `--proxy-server=http://${proxy}`, ...switches] : [],
    extraPrefsFirefox: {
      "network.proxy.type": 1,
      "network.proxy.http": "127.0.0.1",
      "network.proxy.http_port": outside.port,
      "network.proxy.ssl": "127.0.0.1",
      "network.proxy.ssl_port": outside.port,
      // A zip is saved without asking where to.
      "browser.download.folderList": 2,
      "browser.download.dir": downloads,
      "browser.download.useDownloadDir": true,
      "browser.download.alwaysOpenPanel": false,
    },
  });
  return {
    browser,
    downloads,
    /** What was asked for outside the site, by the page or any worker of it. */
    outside: () => outside.asked.filter((url) => !ownBusiness(url)),
    forget: () => outside.asked.splice(0),
    close: async () => {
      await browser.close();
      outside.close();
    },
  };
}

/** Addresses that the browser itself, not a page, asks for. */
function ownBusiness(url) {
  const host = url.replace(/^[a-z]+:\/\//, "").split(/[/:]/)[0];
  return /(^|\.)(google|googleapis|gvt1|gstatic|mozilla|firefox|mozgcp)\.(com|net|org)$/.test(host);
}

/**
 * A page of the site, ready for people: `errors` fills with what the console says, `requests` with every address.
 * Options: `site` another address, `width`, `height`, `theme`, `touch` for a device with fingers and no mouse, `prepare`
 * a function run in the page before its own.
 */
export async function open(session, { site, width = 1280, height = 900, theme, touch = false, prepare, fragment = "" } = {}) {
  const page = await session.browser.newPage();
  const errors = [];
  const requests = [];
  page.on("pageerror", (error) => errors.push(`${error.message ?? error}`));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("request", (request) => requests.push(request.url()));
  await page.setViewport({ width, height, deviceScaleFactor: 1, hasTouch: touch, isMobile: touch });
  if (theme) await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
  if (prepare) await page.evaluateOnNewDocument(prepare);
  await page.goto((site ?? program("SITE")) + fragment, { waitUntil: "load" });
  await page.waitForFunction(() => !document.getElementById("start"), { timeout: 30_000 });
  return { page, errors, requests };
}

/** Waits until the service worker has every file and answers for the page. */
export async function settled(page) {
  await page.waitForFunction(
    async () => !!(await navigator.serviceWorker.getRegistration())?.active && !!navigator.serviceWorker.controller,
    { timeout: 30_000, polling: 100 },
  );
}

/** A new folder for a test's files. */
export function scratch(name) {
  mkdirSync(program("SCRATCH"), { recursive: true });
  return mkdtempSync(join(program("SCRATCH"), `${name}-`));
}

/** Takes a picture of the page when the test in `body` fails. */
export async function watched(page, name, body) {
  try {
    return await body();
  } catch (error) {
    const folder = join(program("OUT"), "e2e");
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${name.replace(/[^a-z0-9]+/gi, "-")}.png`);
    await page.screenshot({ path }).catch(() => {});
    error.message += `\nthe page then: ${path}`;
    throw error;
  }
}
