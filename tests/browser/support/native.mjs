// The command line beside the page: the same input, recipe and seed, and what it makes of them.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { chromium, scratch } from "./browser.mjs";
import { delta, sha256 } from "./stage.mjs";
import { drop, listed, pick } from "./studio.mjs";

/** The hash of the command line's zip of an input; `more` are further arguments. */
export async function native(input, recipe, { seed, count }, more = []) {
  const target = join(scratch("native"), "out.zip");
  const args = ["augment", ...input, "-o", target, "--seed", `${seed}`, "--count", `${count}`, "--recipe", recipe];
  delta([...args, ...more]);
  return sha256(target);
}

/** A recipe as a file, for the command line. */
export function recipeFile(recipe) {
  const path = join(scratch("recipe"), "recipe.json");
  writeFileSync(path, JSON.stringify(recipe));
  return path;
}

/** Brings a folder: dropped where a test can drop, else packed into a zip, which the command line then reads too. */
export async function come(page, folder, images) {
  if (chromium) {
    await drop(page, folder);
    await listed(page, images);
    return [folder];
  }
  const packed = join(scratch("packed"), "packed.zip");
  delta(["augment", folder, "-o", packed, "--recipe", "none", "--count", "1", "--seed", "1"]);
  await pick(page, packed);
  await listed(page, images);
  return [packed];
}
