// Starts the page. `cargo xtask dist` appends this to the glue code of wasm-bindgen, so that both are one file.

const cover = document.getElementById("start");

__wbg_init({ module_or_path: new URL("./app_bg.wasm", import.meta.url) }).then(
  () => cover.remove(),
  (error) => {
    cover.classList.add("failed");
    document.getElementById("cannot-start").hidden = false;
    throw error;
  },
);

// The service worker makes the site work offline. The page finds a waiting update by `getRegistration()`.
const worker = document.querySelector('meta[name="service-worker"]')?.content;
if (worker && "serviceWorker" in navigator) {
  const register = () => navigator.serviceWorker.register(worker).catch(() => {});
  // Only after the page has loaded: the downloads must not compete with it.
  document.readyState === "complete" ? register() : addEventListener("load", register);
}
