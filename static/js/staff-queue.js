// The lists of staff by keyboard. Each key presses a button or follows a link that is on the page: without this module
// the same is done by them. Single letters can be turned off (WCAG 2.2, 2.1.4).
//
// Where there is room the present line of a list is read and decided in the pane beside it. In the review queue
// (`data-claims`) the next one comes without a page in between. One key has one meaning everywhere. A publishes and
// does nothing else, and does not while folded words are unread, nor in the first moment after something has opened: a
// key that is pressed twice must not publish what nobody read.

const STORE = "consult.keys";
const MOMENT = 1000; // milliseconds
const POLL = 10_000;
const RENEW = 180_000; // while somebody reads on, before what they claimed expires
const SETTLED = 400; // lines that are only passed are not claimed
const page = document.querySelector("[data-item]");
const pane = document.querySelector("[data-pane]");
const wide = matchMedia("(min-width: 62em)");
const pieces = new Map(); // what was fetched ahead: the address, and what it gave
let list = rows();
let at = -1;
let opened = performance.now();
let busy = false;
let entering = false; // whether the focus goes to the pane once it shows the present line
let claimed = { id: page?.dataset.item ?? "", since: performance.now() };
let active = performance.now();

function rows() {
  return [...document.querySelectorAll("[data-list] > .line")];
}

/** The key as a Latin keyboard has it: whoever writes Arabic or Russian presses the same one. */
const latin = (event) =>
  (/^[a-z?]$/i.test(event.key) ? event.key : event.key === "؟" ? "?" : event.code.replace("Key", "")).toLowerCase();

/** Whether somebody is typing or choosing, so that a letter is a letter. */
const typing = (target) => target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");

const on = () => localStorage.getItem(STORE) !== "off";
const paned = () => Boolean(pane) && wide.matches;
const link = (row) => row.querySelector("h3 a");
const queue = pane?.dataset.claims; // whether what is read is claimed, and decided without leaving the list
const beside = (row) => (queue ? link(row).href.replace(/(\/review\/\d+)/, "$1/beside") : link(row).href);
const parsed = (html) => new DOMParser().parseFromString(html, "text/html");

/** Where the present submission is decided: the page, or the pane once it shows it. */
const scope = () => page ?? (paned() && list[at] && pane.dataset.of === list[at].dataset.id ? pane : null);

/** Folded words of the present submission that nobody has opened yet. */
const unread = () => scope()?.querySelector("[data-veil]:not([open], [data-read])");

/** What the pane shows of a line: its HTML, or nothing where one is signed out or the line is no more. */
async function fetched(address) {
  const answer = await fetch(address).catch(() => null);
  return answer?.ok && !answer.redirected ? answer.text() : null;
}

function piece(row) {
  const address = beside(row);
  if (!pieces.has(address)) pieces.set(address, fetched(address));
  return pieces.get(address);
}

/** Shows the present line in the pane, and fetches the one after it. */
async function look() {
  if (!paned()) return;
  const row = list[at];
  pane.hidden = false;
  if (pane.dataset.of === row.dataset.id) return; // by the server
  pane.dataset.of = ""; // nothing is decided on what is not shown
  pane.setAttribute("aria-busy", "true");
  const html = await piece(row);
  pieces.delete(beside(row));
  if (row !== list[at]) return;
  if (html === null) return void location.assign(link(row).href); // the reason is said there
  fill(parsed(html), row);
  if (list[at + 1]) piece(list[at + 1]);
  if (list.length - at < 5) more();
  if (queue) setTimeout(() => { if (row === list[at]) reads(row.dataset.id); }, SETTLED);
}

function fill(found, row) {
  const part = queue ? found.body : found.querySelector("[data-item]");
  if (!part) return void location.assign(link(row).href);
  for (const form of part.querySelectorAll("form:not([action])")) form.setAttribute("action", link(row).href);
  const act = pane.querySelector("[data-act]");
  pane.replaceChildren(...part.childNodes);
  if (act) {
    act.querySelector("a").href = link(row).href;
    pane.append(act);
  }
  pane.dataset.of = row.dataset.id;
  pane.removeAttribute("aria-busy");
  opened = performance.now();
  pane.querySelector("[data-focus]")?.focus();
  if (entering) open();
  entering = false;
}

/** Makes one line the present one. */
function mark(to) {
  list[at]?.classList.remove("current");
  entering = false;
  at = to;
  list[at].classList.add("current");
  look();
}

/** Marks one line as the present one, and gives it the focus. */
function move(to) {
  if (!list.length) return;
  const next = Math.max(0, Math.min(list.length - 1, to));
  if (next !== at) mark(next);
  link(list[at]).focus({ preventScroll: true });
  list[at].scrollIntoView({ block: "nearest" });
}

/** Adds the lines of the next page to the list. */
async function more() {
  const next = document.querySelector('.pager [rel="next"]');
  if (!next || next.dataset.asked) return;
  next.dataset.asked = "yes";
  const found = parsed(await (await fetch(next.href)).text());
  document.querySelector("[data-list]").append(...found.querySelectorAll("[data-list] > .line"));
  next.closest(".pager").replaceWith(...found.querySelectorAll(".pager"));
  list = rows();
  count();
}

/** Presses what has this key. A choice or a folded part leads to the next field that it needs. */
function press(key) {
  const found = (scope() ?? document.querySelector("main")).querySelector(`[data-key="${key}"]`);
  if (found?.matches("summary")) show(found.parentElement.querySelector("input:not([type=hidden]), select, textarea") ?? found);
  else found?.click();
  if (found?.matches("[type=radio]")) {
    const empty = [...found.form.querySelectorAll("select, textarea")].find((field) => !field.value && key !== "a");
    (empty ?? found.form.querySelector("button:not([data-key])"))?.focus();
  }
  return Boolean(found);
}

/** Publishes what is open; where folded words are unread, shows what opens them. */
function publish(event) {
  if (event.repeat || busy || !scope() || performance.now() - opened < MOMENT) return;
  const fold = unread();
  if (fold) fold.querySelector("summary").focus();
  else press("a");
}

/** Opens a submission from the list; where it is open, its folded words. */
function open() {
  if (!scope()) {
    if (paned()) entering = true;
    else if (list[at]) link(list[at]).click();
    return;
  }
  const fold = scope().querySelector("[data-veil]:not([open])");
  if (fold) fold.open = true;
  else (pane?.querySelector("[data-reference]") ?? pane)?.focus();
}

function undo(event) {
  if (!event.repeat) document.querySelector("[data-undo]")?.click();
}

function help() {
  const keys = document.querySelector("#keys")?.closest("details");
  if (!keys) return;
  keys.open = !keys.open;
  keys.querySelector("summary").focus();
  keys.scrollIntoView({ block: "nearest" });
}

/** Opens the folded part that holds something, and gives it the focus. */
function show(element) {
  element?.closest("details")?.setAttribute("open", "");
  element?.focus({ preventScroll: paned() });
}

/** The words of a comment stay in sight beside what is chosen about them. */
function keepInSight() {
  const words = scope()?.querySelector("[data-comment] .words");
  const read = words?.closest(".read");
  if (!read) return;
  const [inner, outer] = [words.getBoundingClientRect(), read.getBoundingClientRect()];
  if (inner.bottom > outer.bottom || inner.top < outer.top) read.scrollTop += inner.top - outer.top - 8;
}

/** Where there is no pane: a decision that needs words is made on the page of the submission. */
const away = (place) => { if (list[at]) location.assign(`${link(list[at]).href}#${place}`); };

/** Holding back needs a reason first: without one the key leads to it. */
function holdBack(key) {
  const panel = scope()?.querySelector(`[data-panel="${key}"]`);
  if (!scope()) return away("decide");
  if (!panel) return void press(key);
  const reason = panel.querySelector("[name=reason]");
  if (panel.open && reason.value) press(key);
  else {
    show(reason);
    keepInSight();
  }
}

/** The selected words of a comment as "comment:start:end", in characters as the server counts them. */
function selected() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return "";
  const range = selection.getRangeAt(0);
  const from = range.startContainer;
  const words = (from.closest ? from : from.parentElement).closest("[data-comment] .words");
  if (!words || !words.contains(range.endContainer)) return "";
  const before = document.createRange();
  before.setStart(words, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const start = [...before.toString()].length;
  return `${words.closest("[data-comment]").dataset.comment}:${start}:${start + [...range.toString()].length}`;
}

/** Hides the selected words; with nothing selected, goes to where a sentence is chosen or words are typed. */
function hide() {
  if (!scope()) return away("hide");
  const span = selected();
  const choice = document.querySelector("[data-span]");
  if (!choice) return;
  if (!span) {
    show(document.querySelector("#words"));
    return void keepInSight();
  }
  const words = getSelection().toString();
  show(document.querySelector("#cover_reason")); // first: Chromium gives no focus beside a folded choice that has grown
  choice.append(new Option(words, span, true, true));
  document.querySelector("#words").value = "";
}

const KEYS = {
  j: () => (page ? press("j") : move(at + 1)),
  k: () => (page ? history.back() : move(at - 1)),
  o: open,
  a: publish,
  h: hide,
  r: () => holdBack("r"),
  w: () => holdBack("w"),
  e: () => (scope() ? show(document.querySelector("[data-second]")) : away("second")),
  c: () => press("c"),
  x: () => list[at]?.querySelector(":scope > [type=checkbox]")?.click(),
  u: undo,
  "?": help,
};

/** What a key does: the same on all pages, or it presses what has this key here. Not twice, nor in the first moment. */
function find(letter) {
  if (KEYS[letter]) return KEYS[letter];
  if (!/^[a-z]$/.test(letter) || !scope()?.querySelector(`[data-key="${letter}"]`)) return undefined;
  return (event) => { if (!event.repeat && performance.now() - opened > MOMENT / 2) press(letter); };
}

document.addEventListener("keydown", (event) => {
  active = performance.now();
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && typing(event.target)) {
    const panel = event.target.closest("[data-panel]");
    event.target.blur();
    if (panel && !event.target.value) panel.open = false;
  }
  if (event.key === "Enter" && event.target.matches("[data-panel] select")) {
    event.preventDefault();
    event.target.form.querySelector("[name=outcome]:not(select), [data-hide]")?.click();
  }
  if (typing(event.target) || !on()) return;
  const act = event.key === "Enter" ? event.target === document.body && open : find(latin(event));
  if (!act) return;
  event.preventDefault();
  act(event);
});
document.addEventListener("pointerdown", () => { active = performance.now(); });

addEventListener("pageshow", () => { opened = performance.now(); });
document.addEventListener("toggle", ({ target }) => {
  if (!target.matches("[data-veil]") || !target.open) return;
  target.dataset.read = "";
  opened = performance.now();
}, true);

/** A form in the pane, or the undoing of a decision: sent without leaving the list. */
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented) return;
  const fold = submitter?.dataset.key === "a" && unread();
  if (fold) {
    event.preventDefault();
    fold.querySelector("summary").focus();
  } else if (queue && paned() && form.closest("[data-pane]")) {
    event.preventDefault();
    send(form, submitter);
  } else if (paned() && form.dataset.kind === "decision" && form.closest("[data-strip]")) {
    event.preventDefault();
    takeBack(form, submitter);
  }
});

const post = (address, body, more = {}) => fetch(address, { method: "POST", body: new URLSearchParams(body), ...more });

async function send(form, submitter) {
  if (busy) return;
  busy = true;
  const row = list[at];
  const body = new FormData(form, submitter);
  const address = submitter?.getAttribute("formaction") || form.getAttribute("action");
  const decides = address.includes("/beside");
  const next = list[at + 1] ?? list[at - 1];
  if (decides && next) body.append("next", next.dataset.id);
  try {
    const answer = await post(address, body);
    if (answer.redirected && answer.url.includes("/sign-in")) return void location.reload();
    if (!decides) {
      claimed = { id: row.dataset.id, since: performance.now() }; // what was given back is not claimed again by itself
      pane.dataset.of = ""; // a claim, or what is said of a letter: the same once more
      return void mark(at);
    }
    const found = parsed(await answer.text());
    const strip = found.querySelector("[data-strip]");
    if (strip) decided(row, strip, next);
    else fill(found, row);
  } catch {
    form.submit(); // no answer: the browser says so
  } finally {
    busy = false;
  }
}

/** Puts what can be taken back in its place, and opens the next line. */
function decided(row, strip, next) {
  document.querySelector("[data-strip]").replaceWith(strip);
  expire();
  if (next) claimed = { id: next.dataset.id, since: performance.now() };
  tally(-1);
  row.remove();
  list = rows();
  announce();
  if (!list.length) return void location.reload();
  const to = Math.min(at, list.length - 1);
  at = -1;
  move(to);
}

/** Takes a decision back and shows the list as it is then: nobody is led away from it. */
async function takeBack(form, submitter) {
  const answer = await post(form.getAttribute("action"), new FormData(form, submitter), { redirect: "manual" });
  const found = answer.type === "opaqueredirect" && parsed(await (await fetch(location.href)).text());
  if (!found || !found.querySelector("[data-list]")) return void location.reload();
  for (const part of ["[data-strip]", ".tabs", "[data-list]", ".pager", ".slim .facts"]) {
    const [old, fresh] = [document.querySelector(part), found.querySelector(part)];
    if (old && fresh) old.replaceWith(fresh);
  }
  list = rows();
  pieces.clear();
  expire();
  at = -1;
  move(Math.max(0, list.findIndex((row) => row.id === `item-${form.dataset.of}`)));
  announce(found);
}

/** The numbers in the head and on the tab of this queue, where they are exact. */
function tally(by) {
  if (!document.querySelector(".tabs")) return;
  for (const shown of document.querySelectorAll(".tabs [data-here] [data-count], .slim .facts b")) {
    if (/^\d+$/.test(shown.textContent)) shown.textContent = Math.max(0, Number(shown.textContent) + by);
  }
}

/** What can be taken back no more is not offered. Its place stays. */
function expire() {
  const strip = document.querySelector("[data-strip]");
  const last = strip?.querySelector("[data-seconds]");
  if (last) setTimeout(() => { if (strip.isConnected) strip.classList.add("over"); }, 1000 * last.dataset.seconds);
}

const token = () => pane?.dataset.token ?? document.querySelector("[name=csrf_token]")?.value ?? "";

/** Claims what is being read, and gives back what was read before it. */
function reads(id) {
  if (claimed.id === id) return;
  claim(id, { left: claimed.id });
  claimed = { id, since: performance.now() };
}

const claim = (id, more, options) =>
  post(`/review/${id}/claim`, { csrf_token: token(), reading: "yes", ...more }, options).catch(() => {});

addEventListener("pagehide", () => {
  if (claimed.id) claim(claimed.id, { back: "yes", left: claimed.id }, { keepalive: true });
});

let tag = "";

/** Asks what colleagues read just now, while somebody looks at the page. */
async function poll() {
  setTimeout(poll, POLL);
  if (document.hidden) return;
  if (claimed.id && performance.now() - claimed.since > RENEW && performance.now() - active < RENEW) {
    claimed.since = performance.now();
    claim(claimed.id, {});
  }
  if (!queue) return;
  const answer = await fetch(pane.dataset.claims, { headers: tag ? { "If-None-Match": tag } : {} }).catch(() => null);
  if (answer?.status !== 200 || answer.redirected) return;
  tag = answer.headers.get("ETag") ?? "";
  const names = await answer.json();
  for (const row of list) {
    const place = row.querySelector("[data-reads]");
    const name = names[row.dataset.id];
    if (name) place.textContent = pane.dataset.reads.replace("{}", name);
    else if (place?.dataset.live) place.textContent = "";
    if (place) place.dataset.live = name ? "yes" : "";
  }
}

/** Says what can be taken back: a status that is there when a page opens is read out by nobody. */
function announce(where = document) {
  const said = [...document.querySelectorAll("[data-strip] [role=status]"), ...where.querySelectorAll("main .notice[role=status]")];
  if (!said.length) return;
  document.querySelector("[data-voice]")?.remove();
  const voice = document.createElement("p");
  voice.className = "hidden";
  voice.dataset.voice = "";
  voice.setAttribute("role", "status");
  document.querySelector("main").append(voice);
  setTimeout(() => { voice.textContent = said.map((each) => each.textContent.replace(/\s+/g, " ").trim()).join(" "); }, 300);
}

/** Says how many are chosen, beside what decides on them. */
function count() {
  const note = document.querySelector("[data-chosen]");
  if (!note) return;
  const n = document.querySelectorAll("[name=pick]:checked").length;
  const shown = new Intl.NumberFormat(document.documentElement.lang, { numberingSystem: "latn" }).format(n);
  note.textContent = n ? `${note.dataset.many} ${shown}` : "";
  note.closest("[data-choose]").hidden = !n;
}

const lines = document.querySelector("[data-triage]");
lines?.addEventListener("change", count);
lines?.addEventListener("focusin", (event) => {
  const row = list.findIndex((each) => each.contains(event.target));
  if (row >= 0 && row !== at) mark(row);
});
lines?.addEventListener("click", (event) => {
  const row = paned() && event.target.matches("h3 a") && event.target.closest(".line");
  if (!row || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  move(list.indexOf(row));
  if (!event.detail) open(); // by key: what is read has the focus then
});

const turn = document.querySelector("[data-keys]");
if (turn) {
  const box = turn.querySelector("input");
  turn.hidden = false;
  box.checked = on();
  box.addEventListener("change", () => localStorage.setItem(STORE, box.checked ? "on" : "off"));
}
count();
announce();
expire();
if (page && !document.querySelector("#decide [data-key]")) claimed.id = "";
else if (claimed.id) claim(claimed.id, {});
if (claimed.id || queue) setTimeout(poll, POLL);
if (page && location.hash) {
  const asked = { "#hide": "#words", "#second": "[data-second]", "#decide": "[data-panel] [name=reason]" }[location.hash];
  // Once the browser has gone to that place, which takes the focus there.
  if (asked) addEventListener("load", () => requestAnimationFrame(() => show(document.querySelector(asked))));
} else if (list.length) {
  const first = Math.max(0, list.findIndex((row) => row.dataset.id === pane?.dataset.of));
  if (wide.matches) move(first);
  else mark(first); // a narrow page begins at its top
}
