// The page stays calm: no long task on its main thread during a run, and a run makes no requests.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { chromium, launch, scratch, settled, watched } from "./support/browser.mjs";
import { delta, host, photographs, program } from "./support/stage.mjs";
import { augment, drop, listed, pick, save, studio } from "./support/studio.mjs";

let session;
before(async () => (session = await launch()));
after(() => session.close());

/** The longest that a task of the main thread may take, in milliseconds of the processor. */
const LONG = 100;

/**
 * The tasks of the page's main thread in a trace, in milliseconds: the processor's time that each took, and the clock's,
 * which also counts while other programs have the processor.
 */
function mainTasks({ traceEvents }) {
  const named = traceEvents.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain");
  const mains = new Set(named.map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = traceEvents.filter(({ name, pid, tid, tdur }) => name === "RunTask" && tdur && mains.has(`${pid} ${tid}`));
  return tasks.map(({ dur, tdur }) => ({ own: tdur / 1000, wall: dur / 1000 }));
}

/** A drawn dataset as one zip. */
function packed(count) {
  const folder = join(scratch("calm"), "drawn");
  delta(["sample", "-o", folder, "--count", `${count}`, "--labels", "coco"]);
  const zip = join(scratch("calm"), "drawn.zip");
  delta(["augment", folder, "-o", zip, "--recipe", "none", "--count", "1", "--seed", "1"]);
  return zip;
}

test("a run of 60 images has no task over 100 ms on the main thread, and asks for nothing", {
  skip: chromium ? false : "only Chromium tells of long tasks",
}, async () => {
  const { page, requests, errors } = await studio(session);
  await watched(page, "calm", async () => {
    await settled(page);
    const cells = photographs("bccd-voc");
    await (cells ? drop(page, cells) : pick(page, packed(60)));
    await listed(page, 60);
    const before = requests.length;
    await page.tracing.start({ categories: ["disabled-by-default-devtools.timeline", "toplevel"] });
    await augment(page);
    const tasks = mainTasks(JSON.parse(Buffer.from(await page.tracing.stop()).toString()));
    assert.ok(tasks.length > 100, `only ${tasks.length} tasks were seen`);
    const longest = tasks.toSorted((a, b) => b.own - a.own)[0];
    console.log(`longest task of the main thread: ${longest.own.toFixed(0)} ms of its own, ${longest.wall.toFixed(0)} ms by the clock`);
    assert.deepEqual(tasks.filter(({ own }) => own > LONG), []);
    const strangers = requests.slice(before).filter((url) => !url.startsWith("blob:") && !url.startsWith(program("SITE")));
    assert.deepEqual(strangers, []);
    assert.deepEqual(session.outside(), []);
    assert.deepEqual(errors, []);
  });
  await page.close({ runBeforeUnload: false });
});

test("a long task is noticed: the check above can fail", {
  skip: chromium ? false : "only Chromium tells of long tasks",
}, async () => {
  const { page } = await studio(session);
  await page.tracing.start({ categories: ["disabled-by-default-devtools.timeline", "toplevel"] });
  await page.evaluate(
    () =>
      new Promise((resolve) =>
        setTimeout(() => {
          let sum = 0;
          for (let step = 0; step < 5e8; step++) sum += Math.sqrt(step);
          // Not from the task itself: the trace could end before it does.
          setTimeout(() => resolve(sum), 100);
        }),
      ),
  );
  const tasks = mainTasks(JSON.parse(Buffer.from(await page.tracing.stop()).toString()));
  assert.ok(tasks.some(({ own }) => own > LONG), "the loop was seen");
  await page.close();
});

test("offline, after one visit: the page loads again and makes a whole run", async () => {
  const site = await host();
  const { page, downloads } = await studio(session, { site: site.address });
  await watched(page, "offline run", async () => {
    await settled(page);
    await site.stop();
    await page.reload({ waitUntil: "load" });
    await page.waitForFunction(() => !document.getElementById("start"), { timeout: 30_000 });
    await pick(page, packed(4));
    await listed(page, 4);
    const { words, sha256 } = await augment(page);
    assert.match(words, /20 outputs in/);
    assert.match(sha256, /^[0-9a-f]{64}$/);
    delta(["verify", await save(page, downloads), "--source", packed(4)]);
  });
  await page.close({ runBeforeUnload: false });
});
