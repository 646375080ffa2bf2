// Signals to check by keyboard. Each key presses a button, follows a link or opens a part that is on the page: without
// this module the same is done by them. Single letters can be turned off (WCAG 2.2, 2.1.4).

const STORE = "consult.keys";
const MOMENT = 500; // ms in which a key that was pressed twice decides nothing on the page that follows
const began = performance.now();

/** The key as a Latin keyboard has it: whoever writes Arabic or Russian presses the same one. */
const latin = (event) =>
  (/^[a-z?]$/i.test(event.key) ? event.key : event.key === "؟" ? "?" : event.code.replace("Key", "")).toLowerCase();

/** Whether somebody is typing or choosing, so that a letter is a letter. */
const typing = (target) => target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");

const on = () => localStorage.getItem(STORE) !== "off";

/** Opens a folded part and leads to its first field; presses anything else. */
function press(found) {
  if (!found.matches("summary")) return found.click();
  found.parentElement.open = true;
  (found.parentElement.querySelector("input:not([type=hidden]), select, textarea") ?? found).focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (event.key === "Escape" && typing(event.target)) event.target.blur();
  if (typing(event.target) || !on() || performance.now() - began < MOMENT) return;
  const key = latin(event);
  const found = key === "?" ? document.querySelector(".by-key > summary") : /^[a-z]$/.test(key) && document.querySelector(`[data-key="${key}"]`);
  if (!found) return;
  event.preventDefault();
  press(found);
});

const turn = document.querySelector("[data-keys]");
if (turn) {
  const box = turn.querySelector("input");
  turn.hidden = false;
  box.checked = on();
  box.addEventListener("change", () => localStorage.setItem(STORE, box.checked ? "on" : "off"));
}
