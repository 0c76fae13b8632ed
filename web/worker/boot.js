// Starts the engine in its worker. `cargo xtask dist` appends this to the glue code of wasm-bindgen.

__wbg_init({ module_or_path: new URL("./worker_bg.wasm", import.meta.url) }).catch((error) => {
  // Only an error thrown outside a promise reaches the page's `onerror`.
  setTimeout(() => {
    throw error;
  });
});
