// Keeps what is typed in the forms of a draft: in this browser at once, and on the server every ten seconds where the
// form has an address for that. Without a line, a press on the button waits for it. Whoever is not signed in keeps
// words only in the tab, until it is closed: before words are lost with it, the browser asks. Without this, the button
// saves.

const [PERIOD, DAY] = [10000, 86400000];
const PATIENCE = 15000; // for the answer to a save: then it is sent again, and the server knows which of both is later
const MOST_AT_LEAVING = 60000; // bytes that a browser still sends for a page that is being closed. Source: Fetch, keepalive
const OWN = new Set(["csrf_token", "do", "owner", "proposed_filled_in", "by"]);
const SERVERS = new Set(["seen", "asked", "stands"]); // the server wrote them into the form
const SENT = "sent"; // the form that this tab sent last: a page without it says that it arrived
const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", numberingSystem: "latn" });

/** Storage may be full or forbidden: then nothing is kept, and the form works as it would without this. */
function store(chest, name, value) {
  try {
    if (value === undefined) return JSON.parse(chest.getItem(name));
    if (value === null) chest.removeItem(name);
    else chest.setItem(name, JSON.stringify(value));
  } catch { /* see above */ }
  return null;
}

function forget(name) {
  for (const chest of [localStorage, sessionStorage]) for (const part of ["", " held", " by"]) store(chest, name + part, null);
}

const typed = (form) => [...new FormData(form)].filter(([name]) => !OWN.has(name));

/** The fields as one text, without what the server wrote into them; only those with a name in `like`, if given. */
function text(fields, like = fields) {
  const names = new Set(like.map(([name]) => name).filter((name) => !SERVERS.has(name)));
  return JSON.stringify(fields.filter(([name]) => names.has(name)));
}

function put(form, fields) {
  const left = new Map();
  for (const [name, value] of fields) left.set(name, [...(left.get(name) ?? []), value]);
  for (const control of form.elements) {
    const values = left.get(control.name) ?? [];
    if (control.type === "radio" || control.type === "checkbox") control.checked = values.includes(control.value);
    else if (values.length) control.value = values.shift();
    if (control.tagName === "TEXTAREA") control.dispatchEvent(new Event("input"));
  }
}

function watch(form) {
  const { draft: name, save: address } = form.dataset;
  const chest = "lasting" in form.dataset ? localStorage : sessionStorage;
  const note = form.querySelector("[data-told]");
  const start = typed(form);
  let settled = text(start);
  let [timer, stopped, held, failed, clashed] = [0, false, null, false, false];
  const me = Math.random().toString(36).slice(2, 12);
  const before = (store(sessionStorage, `${name} by`) ?? []).slice(0, 3); // last saves of forms that this one takes over
  let turn = 0; // how many saves this form has sent

  const tell = (words, failed) => {
    note.className = failed ? "error" : "meta";
    note.textContent = form.dataset[words].replace("{}", clock.format(new Date()));
  };
  /** Whether the form was closed and is open again: then the newer one keeps and saves the words. */
  const replaced = () => !form.isConnected && document.querySelector(`form[data-draft="${CSS.escape(name)}"]`);
  const keep = () => {
    if (replaced()) return;
    store(chest, name, { fields: typed(form), at: Date.now() });
    store(sessionStorage, `${name} by`, [`${me}.${turn + 1}`, ...before]);
  };
  const drop = () => {
    store(chest, name, null);
    store(sessionStorage, `${name} by`, null);
  };
  const count = () => { if (form.elements.by) form.elements.by.value = [`${me}.${++turn}`, ...before].join("+"); };

  async function save() {
    clearTimeout(timer);
    timer = 0;
    const now = text(typed(form));
    if (!address || stopped || clashed || now === settled || replaced()) return;
    count();
    try {
      const answer = await fetch(address, { method: "POST", body: new FormData(form), keepalive: true, signal: AbortSignal.timeout(PATIENCE) });
      clashed = answer.status === 409;
      if (clashed) return tell("clash", true);
      failed = !answer.ok;
      if (failed) tell("kept");
      if (failed) return answer.status < 500 || later();
      form.elements.seen.value = (await answer.json()).seen;
      settled = now;
      if (text(typed(form)) === now) drop();
      else keep();
      tell("saved");
      const words = form.querySelector("[data-words]");
      if (words) words.hidden = false;
    } catch {
      failed = true;
      tell("kept");
      later();
    }
  }
  const later = () => { timer ||= setTimeout(save, PERIOD); };

  /** Sends the form when there is a line. What is held is forgotten only when an answer has come. */
  function hold() {
    store(chest, `${name} held`, held);
    tell("offline");
    addEventListener("online", press, { once: true });
  }
  function press() {
    delete form.dataset.sent;
    put(form, held.fields);
    form.requestSubmit([...form.querySelectorAll("button[name=do]")].find((button) => button.value === held.do));
  }

  form.addEventListener("input", () => {
    keep();
    if (held) {
      held.fields = typed(form);
      return hold();
    }
    if (address) later();
    else tell("kept");
  });
  /** Whether closing the tab now would lose words: they are kept only in it, and cannot be sent on the way out. */
  const losing = () => chest === sessionStorage && !stopped && text(typed(form)) !== settled
    && (!address || failed || clashed || !navigator.onLine || new Blob([text(typed(form))]).size > MOST_AT_LEAVING);

  addEventListener("beforeunload", (event) => losing() && event.preventDefault());
  form.querySelector("[data-words]")?.addEventListener("click", async (event) => {
    event.preventDefault();
    await save();
    if (failed || stopped || clashed) return;
    stopped = true;
    form.action = event.target.formAction;
    form.submit();
  });
  form.addEventListener("submit", (event) => {
    stopped = true;
    count();
    if (navigator.onLine) return store(sessionStorage, SENT, name);
    event.preventDefault();
    held = { fields: typed(form), do: event.submitter?.value ?? "", at: Date.now() };
    hold();
  });
  form.addEventListener("leaves", (event) => { event.detail.saved = save(); });
  document.addEventListener("visibilitychange", () => document.hidden && save());
  for (const link of form.querySelectorAll("a[data-unsaved]")) {
    if (address) link.textContent = link.dataset.unsaved;
    else link.addEventListener("click", () => forget(name));
  }

  if ("answered" in form.dataset) {
    store(chest, `${name} held`, null);
    return keep();
  }
  const kept = store(chest, name);
  held = store(chest, `${name} held`);
  if (held && held.at > Date.now() - DAY) return navigator.onLine ? press() : hold();
  held = null;
  if (!kept || text(kept.fields) === text(start, kept.fields)) return drop();
  put(form, kept.fields);
  note.textContent = form.dataset.back.replace("{}", clock.format(new Date(kept.at)));
  const undo = form.querySelector("[data-undo]");
  undo.hidden = false;
  undo.addEventListener("click", () => {
    forget(name);
    put(form, start);
    undo.hidden = true;
    note.textContent = "";
    if (address) later();
  });
  if (address) later();
}

const forms = [...document.querySelectorAll("form[data-draft]")];
const sent = store(sessionStorage, SENT);
if (sent && !forms.some((form) => form.dataset.draft === sent)) forget(sent);
store(sessionStorage, SENT, null);
forms.forEach(watch);
document.addEventListener("arrived", (event) => watch(event.target)); // a form that was opened in the page

/** Shows a question that follows from certain answers while these are chosen; without this it says of whom it is asked. */
function follow(part) {
  const form = part.closest("form");
  const look = () => {
    const chosen = new FormData(form).getAll(part.dataset.follows);
    part.hidden = !part.dataset.keys.split(" ").some((key) => chosen.includes(key));
  };
  form.addEventListener("input", look);
  look();
}
document.querySelectorAll("[data-follows]").forEach(follow);
