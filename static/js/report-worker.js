// The service worker of the form of a report, and of no other page. It is there only where somebody ticked "Keep on this
// phone": it keeps the empty form for where there is no line, and sends what waits, each once, by the key in the form.
// `__FILES__` and `__VERSION__` are filled in by consult/signals/offline/views.py.

const PAGE = "/signals/report";
const FILES = __FILES__;
const CACHE = "report-__VERSION__";

const finish = (request) => new Promise((good, bad) => {
  request.onsuccess = () => good(request.result);
  request.onerror = () => bad(request.error);
});

async function store(mode, use) {
  const opening = indexedDB.open("reports", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("reports", { keyPath: "key" });
  const base = await finish(opening);
  try {
    return await finish(use(base.transaction("reports", mode).objectStore("reports")));
  } finally {
    base.close();
  }
}

/** Sends one report; what the server says decides what becomes of it. Throws where it has to be tried again. */
async function post(row) {
  const answer = await fetch(PAGE + row.query, { method: "POST", body: new URLSearchParams(row.fields) });
  const text = await answer.text();
  const mend = [409, 413, 422].includes(answer.status);
  if (!answer.ok && !mend) throw new Error(String(answer.status));
  const after = answer.ok ? { state: "sent", fields: [] } : { state: "mend" };
  await store("readwrite", (rows) => rows.put({ ...row, ...after, answer: text }));
}

async function send() {
  const waiting = (await store("readonly", (rows) => rows.getAll())).filter((row) => row.state === "ready");
  const tried = await Promise.allSettled(waiting.map(post));
  for (const page of await self.clients.matchAll()) page.postMessage("tried");
  if (tried.some((one) => one.status === "rejected")) throw new Error("later");
}

let last = Promise.resolve();
const sendInTurn = () => (last = last.catch(() => {}).then(send));

async function openPage(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok) await (await caches.open(CACHE)).put(PAGE, answer.clone());
    return answer;
  } catch {
    return (await caches.match(PAGE)) ?? Response.error();
  }
}

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([PAGE, ...FILES])).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  const old = async () => (await caches.keys()).filter((name) => name.startsWith("report-") && name !== CACHE);
  event.waitUntil(old().then((names) => Promise.all(names.map((name) => caches.delete(name)))).then(() => clients.claim()));
});
self.addEventListener("fetch", (event) => {
  const at = new URL(event.request.url);
  if (event.request.method !== "GET" || at.origin !== location.origin) return;
  if (at.pathname === PAGE) event.respondWith(openPage(event.request));
  else if (FILES.includes(at.pathname + at.search)) {
    event.respondWith(caches.match(event.request).then((kept) => kept ?? fetch(event.request)));
  }
});
self.addEventListener("sync", (event) => event.waitUntil(sendInTurn()));
self.addEventListener("message", (event) => event.waitUntil(sendInTurn().catch(() => {})));
