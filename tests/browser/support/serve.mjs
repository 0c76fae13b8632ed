// The whole product on this machine: `delta serve` over a new folder, and what a test asks of it beside the page.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { scratch } from "./browser.mjs";
import { program } from "./stage.mjs";

/** `delta serve` on a free port with the built page; `environment` for sign-in. */
export async function serve(environment = {}) {
  const data = join(scratch("serve"), "data");
  const args = ["serve", "--port", "0", "--data", data, "--site", program("SITE_FOLDER")];
  const child = spawn(program("DELTA"), args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...environment },
  });
  const origin = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const found = line.match(/^Delta Augment is at (http:\S+)$/);
      if (found) resolve(found[1]);
    });
    child.once("exit", () => reject(new Error("delta serve did not start")));
  });
  child.unref();
  child.stdout.unref();
  process.once("exit", () => child.kill());
  const call = async (path, options = {}) => {
    const answer = await fetch(origin + path, options);
    return answer.headers.get("content-type")?.includes("json") ? answer.json() : answer;
  };
  return {
    origin,
    page: `${origin}/`,
    call,
    /** All images that are listed. */
    images: async () => (await call("/v1/images?limit=100")).images,
    stop: () =>
      new Promise((resolve) => {
        child.ref();
        child.once("exit", resolve);
        child.kill("SIGKILL");
      }),
  };
}

/**
 * Notes every request of a page as it went over the wire, from this moment on: method, address, the headers that were
 * sent, and the text of a body that has one.
 */
export async function wire(page) {
  const client = await page.createCDPSession();
  await client.send("Network.enable");
  const requests = new Map();
  const of = (id) => requests.get(id) ?? requests.set(id, { headers: {} }).get(id);
  client.on("Network.requestWillBeSent", ({ requestId, request, redirectResponse }) => {
    // A redirect goes on under the same id; the first request is what the page asked for.
    if (redirectResponse) return;
    const { method, url, hasPostData = false, postData } = request;
    Object.assign(of(requestId), { method, url, hasBody: hasPostData, body: postData });
  });
  client.on("Network.requestWillBeSentExtraInfo", ({ requestId, headers }) => {
    const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    Object.assign(of(requestId).headers, Object.fromEntries(lower));
  });
  return { requests: () => [...requests.values()].filter(({ url }) => url) };
}
