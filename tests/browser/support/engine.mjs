// Speaks to the site's worker as the page does, for tests and measurements of the engine in the browser alone.

import { readdirSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import { open } from "./browser.mjs";

/** A blank page of the site with `count` workers, in the page's own world as `globalThis.workers`. */
export async function engine(session, count = 1) {
  const { page, errors } = await open(session);
  await page.evaluate((count) => {
    // One worker: `ask(body, attachments)` gives every answer up to the last one.
    class Worked {
      constructor() {
        const address = document.querySelector("meta[name=worker]").content;
        this.worker = new Worker(address, { type: "module" });
        this.waiting = new Map();
        this.next = 1;
        this.ready = new Promise((resolve, reject) => {
          this.worker.onerror = (event) => reject(new Error(event.message));
          this.worker.onmessage = ({ data }) => {
            const { id, body } = JSON.parse(data[0]);
            if (id === 0) return body.ready ? resolve() : reject(new Error(body.fault.message));
            const { answers, resolve: answered, reject: refused } = this.waiting.get(id);
            answers.push({ body, attached: data.slice(1), at: performance.now() });
            if (body.picture && !answers.alone) return;
            this.waiting.delete(id);
            body.refused ? refused(new Error(JSON.stringify(body))) : answered(answers);
          };
        });
      }
      ask(body, attached = [], alone = false) {
        const id = this.next++;
        const answers = [];
        answers.alone = alone;
        const buffers = attached.filter((part) => part instanceof Uint8Array).map((part) => part.buffer);
        return new Promise((resolve, reject) => {
          this.waiting.set(id, { answers, resolve, reject });
          this.worker.postMessage([JSON.stringify({ id, body }), ...attached], buffers);
        });
      }
      async one(body, attached) {
        return (await this.ask(body, attached)).at(-1);
      }
    }
    globalThis.workers = Array.from({ length: count }, () => new Worked());
    globalThis.openAll = async (names, files) => {
      const open = async (worker) => {
        await worker.ready;
        await worker.one({ bring: { first: true, names } }, files);
        return worker.one({ open: { labels: true, max_pixels: null } });
      };
      const answers = await Promise.all(workers.map(open));
      return answers[0].body.opened;
    };
    return Promise.all(workers.map((worker) => worker.ready)).then(() => {});
  }, count);
  return { page, errors };
}

/** Every file below a folder. */
export function files(folder) {
  const found = readdirSync(folder, { recursive: true }).map((name) => join(folder, name));
  return found.filter((path) => statSync(path).isFile()).sort();
}

/** Opens the files of a folder in all workers; the listing. Names begin with the folder's own, as a drop has them. */
export async function bring(page, folder, paths = files(folder)) {
  const input = await page.evaluateHandle(() => {
    const input = document.createElement("input");
    input.type = "file";
    input.multiple = true;
    document.body.append(input);
    return input;
  });
  await input.uploadFile(...paths);
  const names = paths.map((path) => relative(dirname(folder), path));
  const listing = await page.evaluate(async (input, names) => openAll(names, [...input.files]), input, names);
  await input.evaluate((input) => input.remove());
  return listing;
}
