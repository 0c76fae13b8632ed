// Runs a goldens module and prints its lines: node run.mjs MODULE.wasm
import { readFile } from "node:fs/promises";

const module = await WebAssembly.compile(await readFile(process.argv[2]));

// Dependencies may declare imports for browsers; the core's promise is that nothing it computes ever calls its host.
const imports = {};
for (const { module: from, name } of WebAssembly.Module.imports(module)) {
  imports[from] ??= {};
  imports[from][name] = () => {
    throw new Error(`the module asked its host for ${from}.${name}`);
  };
}

const { exports } = await WebAssembly.instantiate(module, imports);
// `text` computes everything; the memory may have moved by then, so look at it afterwards.
const start = exports.text() >>> 0;
const length = exports.text_length() >>> 0;
process.stdout.write(Buffer.from(exports.memory.buffer, start, length));
