// Measures the page in the browser, for `cargo xtask bench --web`: one JSON object on standard output.

import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";

import { launch, scratch } from "./support/browser.mjs";
import { bring, engine, files } from "./support/engine.mjs";
import { delta, photographs, program } from "./support/stage.mjs";
import { drop, finished, follow, listed, press, studio } from "./support/studio.mjs";

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const ROUNDS = Number(process.env.ROUNDS ?? 5);
// Times that workers go through all images in one measurement: beside the very last task the other worker has nothing to
// do, which would be a thirtieth of a shorter run.
const PASSES = 4;

const session = await launch();
const out = {};

/** One photograph of 12 megapixels: asking for one draw of a preview until its pixels are there. */
async function preview(folder, path) {
  const { page } = await engine(session);
  await bring(page, folder, [path]);
  const recipe = JSON.parse(delta(["recipe", "show", "classic"]));
  const times = await page.evaluate(
    async (recipe, rounds) => {
      const [worker] = workers;
      const ask = async (seed, copies) => {
        const start = performance.now();
        const what = { item: 0, recipe, seed, copies, side: 480 };
        const answers = await worker.ask({ preview: { what, partners: [] } });
        const pictures = answers.filter(({ body }) => body.picture);
        return { first: pictures[0].at - start, all: pictures.at(-1).at - start };
      };
      const opening = await ask(0, [0]);
      const first = [];
      const nine = [];
      for (let round = 1; round <= rounds; round++) {
        first.push((await ask(round, [0])).first);
        nine.push((await ask(100 + round, [0, 1, 2, 3, 4, 5, 6, 7, 8])).all);
      }
      return { opening: opening.first, first, nine };
    },
    recipe,
    Math.max(ROUNDS, 5),
  );
  await page.close();
  return { opening: times.opening, first: median(times.first), nine: median(times.nine) };
}

/** Outputs of every image by all contenders in turn, round after round: medians of their megapixels a second. */
async function contest(folder, paths, images, copies) {
  const pages = [await workers(folder, paths, 2), await workers(folder, paths, 1)];
  const canvas = await builtIn(images);
  const turn = (page, count) => render(page, count, images.length, copies);
  const contenders = {
    one: () => turn(pages[0], 1),
    two: () => turn(pages[0], 2),
    // What two workers can come to on this machine: they share nothing else.
    apart: async () => (await Promise.all(pages.map((page) => turn(page, 1)))).reduce((sum, rate) => sum + rate),
    native1: () => native(folder, 1, copies),
    native2: () => native(folder, 2, copies),
    builtIn: () => draw(canvas, copies),
  };
  if (process.env.PEER) contenders.peer = () => peer(process.env.PEER, join(folder, "images"), copies);
  const rates = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      const rate = await run();
      // The first round warms up: the compiler of the browser is still at it.
      if (round) rates[name].push(rate);
    }
  }
  for (const page of [...pages, canvas]) await page.close();
  return Object.fromEntries(Object.entries(rates).map(([name, values]) => [name, median(values)]));
}

/** A page with so many of the engine's workers, which have the files. */
async function workers(folder, paths, count) {
  const { page } = await engine(session, count);
  await bring(page, folder, paths);
  return page;
}

/** Megapixels a second of some of a page's workers over all images, each decoded again in every pass. */
function render(page, count, images, copies) {
  return page.evaluate(
    async (recipe, count, images, copies, passes) => {
      const busy = workers.slice(0, count);
      const settings = { recipe, seed: 7, count: copies, labels: null, partners: [], sheet: false };
      await Promise.all(busy.map((worker) => worker.one({ start: settings })));
      let next = 0;
      let pixels = 0;
      const start = performance.now();
      // Two tasks at once each, as the Studio gives them out.
      await Promise.all(
        [...busy, ...busy].map(async (worker) => {
          while (next < images * passes) {
            const item = next++ % images;
            const list = Array.from({ length: copies }, (_, copy) => copy);
            const { body } = await worker.one({ render: { item, copies: list } });
            for (const copy of body.rendered.copies) pixels += copy.made.pixels;
          }
        }),
      );
      return pixels / 1e3 / (performance.now() - start);
    },
    JSON.parse(delta(["recipe", "show", "classic"])),
    count,
    images,
    copies,
    PASSES,
  );
}

/** Bytes of a worker's memory, which never shrinks, after `copies` outputs of a picture, and samples of an output. */
async function grown(folder, path, copies) {
  const { page } = await engine(session);
  await bring(page, folder, [path]);
  const recipe = JSON.parse(delta(["recipe", "show", "classic"]));
  const grown = await page.evaluate(
    async (recipe, copies) => {
      const [worker] = workers;
      await worker.one({ start: { recipe, seed: 7, count: copies, labels: null, partners: [], sheet: false } });
      const list = Array.from({ length: copies }, (_, copy) => copy);
      const { body } = await worker.one({ render: { item: 0, copies: list } });
      return { bytes: body.rendered.memory, samples: 3 * body.rendered.copies[0].made.pixels };
    },
    recipe,
    copies,
  );
  await page.close();
  return grown;
}

/** The same files by the command line, once. */
function native(folder, jobs, copies) {
  const target = join(scratch("bench"), "out.zip");
  const args = ["augment", folder, "-o", target, "--recipe", "classic", "--seed", "7", "--count", `${copies}`];
  const start = performance.now();
  const { megapixels } = JSON.parse(delta([...args, "--jobs", `${jobs}`, "--json"]));
  const rate = (megapixels * 1e3) / (performance.now() - start);
  // A file that is replaced may have to be written to the disk first.
  rmSync(target);
  return rate;
}

/** Another library over the same pictures, natively on one thread, once. */
function peer(python, folder, copies) {
  const target = join(scratch("bench"), "peer.zip");
  const args = ["benches/peers.py", "albumentations", "classic", folder, `${copies}`, target, "1"];
  const output = execFileSync(python, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  rmSync(target);
  const { pixels, seconds } = JSON.parse(output.trim().split("\n").at(-1));
  return pixels / 1e6 / seconds;
}

/** A page whose worker does the same by what a browser has built in: decode, turn, zoom and flip on a canvas, encode. */
async function builtIn(paths) {
  const page = await session.browser.newPage();
  await page.setBypassCSP(true);
  await page.goto(program("SITE"), { waitUntil: "load" });
  const input = await page.evaluateHandle(() => {
    const input = document.createElement("input");
    input.type = "file";
    input.multiple = true;
    document.body.append(input);
    return input;
  });
  await input.uploadFile(...paths);
  await page.evaluate((input) => {
    const work = async () => {
      onmessage = async ({ data: { file, copies } }) => {
        let pixels = 0;
        const image = await createImageBitmap(file);
        for (let copy = 0; copy < copies; copy++) {
          const canvas = new OffscreenCanvas(image.width, image.height);
          const context = canvas.getContext("2d");
          context.translate(image.width / 2, image.height / 2);
          context.rotate((copy - 2) * 0.15);
          context.scale(copy % 2 ? -1.15 : 1.15, 1.15);
          context.drawImage(image, -image.width / 2, -image.height / 2);
          const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 });
          if (blob.size) pixels += canvas.width * canvas.height;
        }
        image.close();
        postMessage(pixels);
      };
    };
    globalThis.files = input.files;
    globalThis.worker = new Worker(URL.createObjectURL(new Blob([`(${work})()`], { type: "text/javascript" })));
  }, input);
  return page;
}

/** Megapixels a second of such a page, once. */
function draw(page, copies) {
  return page.evaluate(async (copies) => {
    let pixels = 0;
    const start = performance.now();
    for (const file of globalThis.files) {
      pixels += await new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = reject;
        worker.postMessage({ file, copies });
      });
    }
    return pixels / 1e3 / (performance.now() - start);
  }, copies);
}

/** Runs over so many copies of one photograph in the Studio: the most memory that the page's processes held, in MiB. */
async function memory(path, images) {
  const folder = join(scratch("memory"), "photographs");
  mkdirSync(folder);
  for (let at = 0; at < images; at++) linkSync(path, join(folder, `photograph-${at}.jpg`));
  // A large zip goes straight to a file that the person chooses: here one of the browser's own file system.
  const chosen = () => {
    globalThis.showSaveFilePicker = async () =>
      (await navigator.storage.getDirectory()).getFileHandle("chosen.zip", { create: true });
  };
  const { page } = await studio(session, { prepare: chosen });
  await follow(page, { ...JSON.parse(delta(["recipe", "show", "classic"])), count: 1, seed: 7 });
  await drop(page, folder);
  await listed(page, images);
  const client = await session.browser.target().createCDPSession();
  const resident = async () => {
    const { processInfo } = await client.send("SystemInfo.getProcessInfo");
    const pages = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => `${id}`);
    const sizes = execFileSync("ps", ["-o", "rss=", "-p", pages.join(",")], { encoding: "utf8" });
    return sizes.trim().split(/\s+/).reduce((sum, size) => sum + Number(size), 0) / 1024;
  };
  await press(page, "Augment");
  let peak = 0;
  while (!(await page.$(".run-hash code"))) {
    peak = Math.max(peak, await resident());
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  const { failed } = await finished(page);
  if (failed.length) throw new Error(failed.join("; "));
  await page.close({ runBeforeUnload: false });
  rmSync(folder, { recursive: true });
  return { images, peak };
}

/** From asking for the address to a page that answers, nothing kept, the processor slowed four times. */
async function coldLoad() {
  const times = [];
  for (let round = 0; round < 3 * ROUNDS; round++) {
    const context = await session.browser.createBrowserContext();
    const page = await context.newPage();
    await page.emulateCPUThrottling(4);
    await page.evaluateOnNewDocument(() => {
      const watch = new MutationObserver(() => {
        if (!document.getElementById("start") && document.querySelector("main")) {
          watch.disconnect();
          // After the frame that shows it.
          requestAnimationFrame(() => setTimeout(() => (globalThis.interactive = performance.now())));
        }
      });
      watch.observe(document, { childList: true, subtree: true });
    });
    await page.goto(program("SITE"), { waitUntil: "load" });
    await page.waitForFunction(() => globalThis.interactive);
    times.push(await page.evaluate(() => globalThis.interactive));
    await context.close();
  }
  return median(times);
}

const cells = photographs("bccd-voc");
const large = process.env.LARGE;
out.load = await coldLoad();
if (large) {
  out.preview = await preview(join(large, ".."), large);
  if (cells) {
    const [small] = files(join(cells, "images"));
    const [full, fixed] = [await grown(join(large, ".."), large, 1), await grown(cells, small, 1)];
    out.frames = (full.bytes - fixed.bytes) / full.samples;
  }
  // Ten times as many must not take more.
  out.memory = [await memory(large, 50), await memory(large, ROUNDS > 1 ? 500 : 100)];
}
if (cells) {
  const paths = files(cells);
  const images = paths.filter((path) => path.endsWith(".jpg") || path.endsWith(".jpeg") || path.endsWith(".png"));
  out.cells = { images: images.length, ...(await contest(cells, paths, images, 5)) };
}
await session.close();
console.log(JSON.stringify(out));
