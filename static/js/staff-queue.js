// The review queue by keyboard. Each key presses a button or follows a link that is on the page: without this module
// the same is done by them. Single letters can be turned off (WCAG 2.2, 2.1.4).
//
// One key has one meaning everywhere. A publishes and does nothing else, and does not while folded words are unread,
// nor in the first moment after something has opened: a key that is pressed twice must not publish what nobody read.

const STORE = "consult.keys";
const PLACE = "consult.place"; // where in the list somebody decided: what follows stands there when the page is back
const list = [...document.querySelectorAll("[data-queue] .queue > .item")];
const page = document.querySelector("[data-item]");
const beside = document.querySelector("[data-beside]");
const MOMENT = 1000; // milliseconds
const wide = matchMedia("(min-width: 76em)");
const read = new Map();
let at = -1;
let opened = performance.now();

/** The key as a Latin keyboard has it: whoever writes Arabic or Russian presses the same one. */
const latin = (event) =>
  (/^[a-z?]$/i.test(event.key) ? event.key : event.key === "؟" ? "?" : event.code.replace("Key", "")).toLowerCase();

/** Whether somebody is typing or choosing, so that a letter is a letter. */
const typing = (target) => target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");

const on = () => localStorage.getItem(STORE) !== "off";

/** Shows beside the list what the present item is about and what the checks found, where there is room. */
async function look() {
  if (!beside || !wide.matches) return;
  beside.parentElement.classList.add("has-aside");
  const address = new URL(list[at].querySelector(".item-head a").href);
  if (!read.has(address.pathname)) read.set(address.pathname, fetch(`${address.pathname}/beside`).then((answer) => (answer.ok ? answer.text() : "")));
  const here = at;
  const found = await read.get(address.pathname).catch(() => "");
  if (here !== at) return;
  beside.replaceChildren(...new DOMParser().parseFromString(found, "text/html").body.childNodes);
  beside.hidden = !found;
}

/** Makes one item the present one. */
function mark(to) {
  list[at]?.classList.remove("current");
  at = to;
  list[at].classList.add("current");
  look();
}

/** Marks one item as the present one, and gives it the focus. */
function move(to) {
  if (!list.length) return;
  mark(Math.max(0, Math.min(list.length - 1, to)));
  list[at].querySelector(".item-head a").focus();
  list[at].scrollIntoView({ block: "nearest" });
}

/** Presses what has this key: in the present item, else on the page. */
function press(key) {
  const scope = page ? document.querySelector("main") : list[at];
  const found = scope?.querySelector(`[data-key="${key}"]`);
  if (found && !page) sessionStorage.setItem(PLACE, at);
  found?.click();
  return Boolean(found);
}

/** Folded words of what the keys are about that nobody has opened yet. */
const unread = () => (page ?? list[at])?.querySelector("[data-veil]:not([open], [data-read])");

/** Publishes what is open. Where it is not, shows what opens it. */
function publish(event) {
  if (event.repeat || performance.now() - opened < MOMENT) return;
  const fold = page && unread();
  if (fold) fold.querySelector("summary").focus();
  else if (!press("a")) list[at]?.querySelector('[data-key="o"]')?.focus();
}

/** Opens a submission from the list; on its page, folded words. */
function open() {
  if (!page) return void list[at]?.querySelector(".item-head a").click();
  const fold = page.querySelector("[data-veil]:not([open])");
  if (fold) fold.open = true;
}

function choose() {
  list[at]?.querySelector('.pick input')?.click();
}

function undo() {
  if (!page && at >= 0) sessionStorage.setItem(PLACE, at);
  document.querySelector("[data-undo]")?.click();
}

function help() {
  const keys = document.querySelector("#keys")?.closest("details");
  if (!keys) return;
  keys.open = !keys.open;
  keys.querySelector("summary").focus();
}

/** Opens the folded part that holds something, and gives it the focus. */
function show(element) {
  element?.closest("details")?.setAttribute("open", "");
  element?.focus();
}

/** On a submission: holding back needs a reason first, so without one the key leads to it. */
function holdBack(key) {
  const reason = document.querySelector("#decide [name=reason]");
  if (!reason) return false;
  if (reason.value) return press(key);
  reason.focus();
  return true;
}

/** The selected words of a comment as "comment:start:end", in characters as the server counts them. */
function selected() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return "";
  const range = selection.getRangeAt(0);
  const words = range.startContainer.parentElement?.closest("[data-comment] > .words");
  if (!words || !words.contains(range.endContainer)) return "";
  const before = document.createRange();
  before.setStart(words, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const start = [...before.toString()].length;
  return `${words.parentElement.dataset.comment}:${start}:${start + [...range.toString()].length}`;
}

/** Hides the selected words; with nothing selected, goes to where a sentence is chosen or words are typed. */
function hide() {
  const span = selected();
  const choice = document.querySelector("[data-span]");
  if (!choice) return false;
  if (!span) {
    show(document.querySelector("#words"));
    return true;
  }
  const words = getSelection().toString();
  show(document.querySelector("#cover_reason")); // first: Chromium gives no focus beside a folded choice that has grown
  choice.append(new Option(words, span, true, true));
  document.querySelector("#words").value = "";
  return true;
}

const KEYS = {
  j: () => (page ? press("j") : move(at + 1)),
  k: () => (page ? history.back() : move(at - 1)),
  o: open,
  a: publish,
  h: () => (page ? hide() : press("h")),
  r: () => (page ? holdBack("r") : press("r")),
  w: () => (page ? holdBack("w") : press("r")),
  e: () => (page ? show(document.querySelector("[data-second]")) : press("e")),
  c: () => press("c"),
  x: choose,
  u: undo,
  "?": help,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && typing(event.target)) event.target.blur();
  if (typing(event.target) || !on()) return;
  const act = event.key === "Enter" ? event.target === document.body && open : KEYS[latin(event)];
  if (!act) return;
  event.preventDefault();
  act(event);
});

addEventListener("pageshow", () => {
  opened = performance.now();
});
document.addEventListener("toggle", ({ target }) => {
  if (!target.matches("[data-veil]") || !target.open) return;
  target.dataset.read = "";
  opened = performance.now();
}, true);
document.querySelector("#decide")?.addEventListener("submit", (event) => {
  const fold = event.submitter?.dataset.key === "a" && unread();
  if (!fold) return;
  event.preventDefault();
  fold.querySelector("summary").focus();
});

/** Says what can be taken back: a status that is there when a page opens is read out by nobody. */
function announce() {
  const said = [...document.querySelectorAll(".undo [role=status] > span, main .notice[role=status]")];
  if (!said.length) return;
  const voice = document.createElement("p");
  voice.className = "hidden";
  voice.setAttribute("role", "status");
  document.querySelector("main").append(voice);
  setTimeout(() => {
    voice.textContent = said.map((each) => each.innerText).join(" ");
  }, 300);
}

/** Says how many are chosen. */
function count() {
  const note = document.querySelector("[data-chosen]");
  if (!note) return;
  const n = document.querySelectorAll(".pick input:checked").length;
  const shown = new Intl.NumberFormat(document.documentElement.lang, { numberingSystem: "latn" }).format(n);
  note.textContent = n ? `${note.dataset.many} ${shown}` : "";
}

document.querySelector("[data-items]")?.addEventListener("change", count);
document.querySelector("[data-items]")?.addEventListener("focusin", (event) => {
  const item = list.findIndex((each) => each.contains(event.target));
  if (item >= 0 && item !== at) mark(item);
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
if (page && location.hash) {
  const asked = { "#hide": "#words", "#second": "[data-second]", "#decide": "#decide [name=reason]" }[location.hash];
  // Once the browser has gone to that place, which takes the focus there.
  if (asked) addEventListener("load", () => requestAnimationFrame(() => show(document.querySelector(asked))));
} else if (list.length) {
  const left = sessionStorage.getItem(PLACE);
  sessionStorage.removeItem(PLACE);
  if (left !== null || matchMedia("(min-width: 62em)").matches) move(Number(left));
  else mark(0); // below the queues on a narrow page: that begins at its top
}
