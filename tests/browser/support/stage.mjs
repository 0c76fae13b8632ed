// What `cargo xtask e2e` tells the tests: where the site, the command line, the browser and the photographs are.

import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A variable that the chore sets. */
export function program(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests by \`cargo xtask e2e\``);
  return value;
}

/** A folder of real photographs, where this machine has them. */
export function photographs(name) {
  const folder = process.env.PHOTOGRAPHS && join(process.env.PHOTOGRAPHS, name);
  return folder && existsSync(folder) ? folder : undefined;
}

/** Runs the command line; its standard output. A non-zero end is an error unless `codes` has it. */
export function delta(args, codes = [0]) {
  try {
    return execFileSync(program("DELTA"), args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    if (codes.includes(error.status)) return error.stdout;
    throw error;
  }
}

/** SHA-256 of a file, in hexadecimal digits. */
export async function sha256(path) {
  const hash = createHash("sha256");
  for await (const part of createReadStream(path)) hash.update(part);
  return hash.digest("hex");
}

/** A host of a site that can be stopped: for being offline. */
export async function host(folder = program("SITE_FOLDER")) {
  const child = spawn(program("CHORES"), ["host", folder, "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const address = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", () => reject(new Error("the host did not start")));
  });
  // A test that fails does not stop it: it must not keep the others waiting.
  child.unref();
  child.stdout.unref();
  process.once("exit", () => child.kill());
  return {
    address,
    stop: () =>
      new Promise((resolve) => {
        child.ref();
        child.once("exit", resolve);
        child.kill();
      }),
  };
}
