// The form of a report. Every report has a key of its own, made at the first keystroke, by which the server files it
// once. Where somebody ticks "Keep on this phone", what is typed and not yet sent stays in this browser, and the
// service worker sends it; without the tick nothing is kept and the browser sends the form by itself.

const SCOPE = "/signals/report";
let form, keep, box, row;

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

const put = () => store("readwrite", (rows) => rows.put(row));
const drop = (key) => store("readwrite", (rows) => rows.delete(key));
const tell = (words) => (keep.querySelector("[data-kept]").textContent = words ?? "");
const registration = () => navigator.serviceWorker.getRegistration(SCOPE);

async function note(state = "draft") {
  if (!row) {
    form.elements.key.value = crypto.randomUUID?.() ?? form.elements.key.value;
    row = { key: form.elements.key.value, query: location.search };
  }
  row.state = state;
  row.fields = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
  if (box?.checked) await put();
}

function fill(found) {
  row = found;
  const left = [...found.fields];
  for (const field of form.elements) {
    const at = left.findIndex(([name]) => name === field.name);
    const chosen = ([name, value]) => name === field.name && value === field.value;
    if (["radio", "checkbox"].includes(field.type)) field.checked = left.some(chosen);
    else if (at >= 0) field.value = left.splice(at, 1)[0][1]; // day, month and year have one name, in this order
  }
}

/** The main part of what the server answered takes the place of this page's. */
function take(answer) {
  const page = new DOMParser().parseFromString(answer, "text/html");
  const main = document.adoptNode(page.querySelector("main"));
  document.title = page.title;
  document.querySelector("main").replaceWith(main);
  scrollTo(0, 0);
  return main;
}

/** The seven words are in the answer and nowhere else: it stays until somebody says that they are written down. */
function showSent(sent) {
  const done = document.createElement("button");
  done.textContent = keep.dataset.done;
  take(sent.answer).append(done);
  done.addEventListener("click", async () => {
    await drop(sent.key);
    location.assign(SCOPE);
  });
}

/** What the server asks to look at again, with what it says about it. */
async function mend(found) {
  take(found.answer);
  bind(true);
  row = { ...found, key: form.elements.key.value, answer: "" };
  await note();
  if (row.key !== found.key) await drop(found.key);
}

async function wake() {
  const worker = await navigator.serviceWorker.ready;
  await worker.sync?.register("reports").catch(() => {});
  worker.active.postMessage("send");
}

async function look(first) {
  const rows = await store("readonly", (all) => all.getAll());
  const find = (state) => rows.find((one) => one.state === state);
  if (!row && find("sent")) return showSent(find("sent"));
  if (!row && find("mend")) return mend(find("mend"));
  if (first && !row && find("draft")) fill(find("draft"));
  tell(find("ready") ? keep.dataset.waits : find("sent") || find("mend") ? keep.dataset.again : "");
  if (first && find("ready")) await wake();
}

async function submit(event) {
  if (!box.checked || event.submitter?.name) return;
  event.preventDefault();
  await note("ready");
  row = null;
  form.reset();
  tell(keep.dataset.waits);
  await wake();
}

async function clear() {
  await (await registration())?.unregister();
  for (const name of await caches.keys()) if (name.startsWith("report-")) await caches.delete(name);
  await finish(indexedDB.deleteDatabase("reports"));
}

async function choose() {
  if (!box.checked) return clear().then(() => tell(""));
  await navigator.serviceWorker.register(`${SCOPE}/worker.js`, { scope: SCOPE });
  if (row) await put();
}

/** "Quick exit" clears by its answer; without a line there is none, so it is cleared here first. */
async function leave(event) {
  if (new URL(event.target.action).pathname !== "/leave") return;
  event.preventDefault();
  await clear().catch(() => {});
  event.target.submit();
}

function bind(kept) {
  form = document.querySelector("form[data-report]");
  keep = document.querySelector("[data-keep]");
  box = keep?.querySelector("input");
  form?.addEventListener("input", () => note());
  if (!form || !box || !("serviceWorker" in navigator)) return;
  box.checked = kept;
  keep.hidden = false;
  box.addEventListener("change", choose);
  form.addEventListener("submit", submit);
}

async function start() {
  bind(false);
  if (!form || !box || !("serviceWorker" in navigator)) return;
  box.checked = Boolean(await registration());
  document.addEventListener("submit", leave);
  navigator.serviceWorker.addEventListener("message", () => look(false));
  addEventListener("online", () => box.checked && wake());
  if (box.checked) await look(true);
}

start();
