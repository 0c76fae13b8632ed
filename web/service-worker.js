// Stores the whole site in the browser's cache, so that it works offline after the first visit.
//
// `cargo xtask dist` puts two lines before this text: VERSION, a hash of the site, and FILES, pairs of a file's name
// and its SHA-256 in base64. A new version waits until a page posts "skip waiting" (offer "Update now" when
// `registration.waiting` is there); when `controllerchange` fires, the page reloads itself.
// Requests to other origins, with other methods, or for other files go to the network unchanged.

const SCOPE = self.registration.scope;
// An origin may have several sites: only the caches of this site are ours.
const OURS = `delta-augment ${SCOPE} `;
const CACHE = OURS + VERSION;
const URLS = new Set(FILES.map(([name]) => new URL(name, SCOPE).href));

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));

async function install() {
  const cache = await caches.open(CACHE);
  await Promise.all(
    FILES.map(async ([name, sha256]) => {
      const url = new URL(name, SCOPE).href;
      // The content of a name with a hash never changes, so files of an older version are reused.
      const kept = name !== "./" && (await caches.match(url));
      if (kept) return cache.put(url, kept);
      // The hash ensures that a half-finished deployment is not cached as a version.
      const request = new Request(url, { cache: name === "./" ? "no-cache" : "default", integrity: `sha256-${sha256}` });
      const response = await fetch(request);
      if (!response.ok) throw new Error(`${name}: ${response.status}`);
      return cache.put(url, response);
    }),
  );
}

async function activate() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(OURS) && name !== CACHE).map((name) => caches.delete(name)));
  // From now on, pages that loaded before the first installation also work offline.
  await self.clients.claim();
}

self.addEventListener("message", (event) => {
  if (event.data === "skip waiting") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  url.hash = "";
  url.search = "";
  if (url.href === new URL("index.html", SCOPE).href) url.href = SCOPE;
  if (request.method !== "GET" || !URLS.has(url.href)) return;
  event.respondWith(answer(url.href, request));
});

async function answer(url, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(url)) ?? fetch(request);
}
