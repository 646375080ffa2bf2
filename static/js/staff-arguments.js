// Work on arguments by keyboard. Each key presses a button or opens a field that is on the page: without this module
// the same is done by them. Single letters can be turned off (WCAG 2.2, 2.1.4).

const STORE = "consult.keys";
const PLACE = "consult.arguments"; // where in the list somebody decided: what follows stands there when the page is back
const list = [...document.querySelectorAll("[data-list] > .item")];
let at = -1;

/** The key as a Latin keyboard has it: whoever writes Arabic or Russian presses the same one. */
const latin = (event) =>
  (/^[a-z1-4?]$/i.test(event.key) ? event.key : event.key === "؟" ? "?" : event.code.replace(/Key|Digit/, "")).toLowerCase();

/** Whether somebody is typing or choosing, so that a letter is a letter. */
const typing = (target) => target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");

const on = () => localStorage.getItem(STORE) !== "off";

/** Makes one item the present one. */
function mark(to) {
  list[at]?.classList.remove("current");
  at = to;
  list[at].classList.add("current");
}

/** Marks one item as the present one, and gives it the focus. */
function move(to) {
  if (!list.length) return;
  mark(Math.max(0, Math.min(list.length - 1, to)));
  list[at].querySelector("a, button")?.focus();
  list[at].scrollIntoView({ block: "nearest" });
}

/** Presses what has this key in the present item. */
function press(key) {
  const found = list[at]?.querySelector(`[data-key="${key}"]`);
  if (!found) return;
  sessionStorage.setItem(PLACE, at);
  found.click();
}

/** Leaves the statement where it is, once there is a reason; else leads to the reason. */
function leave() {
  const reason = list[at]?.querySelector("[data-reason]");
  if (reason && !reason.value.trim()) reason.focus();
  else press("l");
}

function undo() {
  if (at >= 0) sessionStorage.setItem(PLACE, at);
  document.querySelector("[data-undo]")?.click();
}

function help() {
  const keys = document.querySelector("#keys")?.closest("details");
  if (!keys) return;
  keys.open = !keys.open;
  keys.querySelector("summary").focus();
}

function name() {
  const field = list[at]?.querySelector("[data-name]");
  field?.focus();
  field?.select();
}

const KEYS = {
  j: () => move(at + 1),
  p: () => move(at - 1),
  m: () => press("m"),
  k: () => press("k"),
  n: () => press("n"),
  a: () => press("a"),
  l: leave,
  e: name,
  s: () => press("s"),
  u: undo,
  "?": help,
};
for (const digit of "1234") KEYS[digit] = () => press(digit); // the workbench

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (event.key === "Escape" && typing(event.target)) event.target.blur();
  if (typing(event.target) || !on()) return;
  const act = KEYS[latin(event)];
  if (!act) return;
  event.preventDefault();
  act();
});

document.querySelector("main").addEventListener("focusin", ({ target }) => {
  const item = list.findIndex((each) => each.contains(target));
  if (item >= 0 && item !== at) mark(item);
});
document.querySelector("main").addEventListener("submit", () => {
  if (at >= 0) sessionStorage.setItem(PLACE, at);
});

const turn = document.querySelector("[data-keys]");
if (turn) {
  const box = turn.querySelector("input");
  turn.hidden = false;
  box.checked = on();
  box.addEventListener("change", () => localStorage.setItem(STORE, box.checked ? "on" : "off"));
}
if (list.length) {
  const left = sessionStorage.getItem(PLACE);
  sessionStorage.removeItem(PLACE);
  if (left !== null) move(Number(left));
  else mark(0);
}
