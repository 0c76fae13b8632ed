// Starts the page; `cargo xtask dist` appends this to the glue that wasm-bindgen makes, so both are one file.

const cover = document.getElementById("start");

__wbg_init({ module_or_path: new URL("./app_bg.wasm", import.meta.url) }).then(
  () => cover.remove(),
  (error) => {
    cover.classList.add("failed");
    document.getElementById("cannot-start").hidden = false;
    throw error;
  },
);

// The worker that makes the site work offline. The page itself finds a waiting update by `getRegistration()`.
const worker = document.querySelector('meta[name="service-worker"]')?.content;
if (worker && "serviceWorker" in navigator) {
  const register = () => navigator.serviceWorker.register(worker).catch(() => {});
  // Only when the page is there: the downloads must not compete with it.
  document.readyState === "complete" ? register() : addEventListener("load", register);
}
