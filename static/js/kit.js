// What every page gains with JavaScript: a running count, copying, focus on errors, and no form sent twice.
// Each page works without it. A module imports no other: an address without its hash would go stale in caches.

const numbers = new Intl.NumberFormat(document.documentElement.lang, { numberingSystem: "latn" });

/** Counts as the server does: by character, without the space around. */
function countCharacters(area) {
  const note = document.getElementById(`${area.id}-count`);
  if (!note) return;
  const spoken = document.createElement("span"); // announced when typing rests, not at each key
  spoken.className = "hidden";
  spoken.setAttribute("aria-live", "polite");
  note.after(spoken);
  let resting;
  const show = () => {
    const left = Number(area.dataset.count) - [...area.value.trim()].length;
    const text = `${left < 0 ? note.dataset.over : note.dataset.left} ${numbers.format(Math.abs(left))}`;
    note.textContent = text;
    note.classList.toggle("over", left < 0);
    clearTimeout(resting);
    resting = setTimeout(() => { if (document.activeElement === area) spoken.textContent = text; }, 1200);
  };
  area.addEventListener("input", show);
  show();
}

/** Copies the words of another element; the button says that it did. */
function offerCopy(button) {
  if (!navigator.clipboard) return;
  const label = button.textContent;
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = label; }, 4000);
  });
}

/** A second press within ten seconds sends nothing. The server would file it once anyway. */
function sendOnce(event) {
  const form = event.target;
  if (form.method !== "post" || event.submitter?.hasAttribute("data-repeat")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-disabled", "true");
  setTimeout(() => allowAgain(form), 10000);
}

/** Before another site opens, fields forget what was typed: the way back would show it. */
function forgetTyped(event) {
  if (event.target.getAttribute("action") === "/leave") for (const form of document.forms) form.reset();
}

/** What was typed since a form came back goes along when the language is changed. */
function takeTyped(event) {
  const kept = event.target.elements.reread;
  if (event.target.id !== "other-language" || !kept) return;
  const names = [...new Set(new URLSearchParams(kept.value).keys())];
  const shared = (form) => names.filter((name) => form.elements[name]).length;
  const [form] = [...document.querySelectorAll("main form")].sort((one, other) => shared(other) - shared(one));
  if (!form || !shared(form)) return;
  const typed = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrf_token"
    && form.elements[name].type !== "password");
  const pressed = [...new URLSearchParams(kept.value)].filter(([name]) => name === "do");
  kept.value = new URLSearchParams([...typed, ...pressed]);
}

function allowAgain(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
}

/** Closes an open menu on Escape, with the focus back on its word, and on a press elsewhere. */
function closeMenus(event) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (event.type === "click" ? !menu.contains(event.target) : event.key === "Escape") {
      menu.open = false;
      if (event.type !== "click") menu.querySelector("summary").focus();
    }
  }
}

/** Says a time by the reader's clocks too, where they show another than the page says. */
function sayHere(time) {
  const at = new Date(time.dateTime);
  const shown = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short", numberingSystem: "latn" });
  const clock = `${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`;
  if (time.textContent.includes(clock)) return;
  const note = document.createElement("small");
  note.textContent = ` · ${time.dataset.here.replace("{}", shown.format(at))}`;
  time.append(note);
}

document.querySelectorAll("time[data-here]").forEach(sayHere);
const countAll = (root) => root.querySelectorAll("textarea[data-count]").forEach(countCharacters);
countAll(document);
document.addEventListener("arrived", (event) => countAll(event.target));
document.querySelectorAll("button[data-copy]").forEach(offerCopy);
document.querySelector("[data-focus]")?.focus();
// What is there when a page opens is not read out as news: it is put in again.
setTimeout(() => document.querySelectorAll(".notice[role=status]").forEach((note) => note.append(...note.childNodes)), 400);
document.addEventListener("submit", sendOnce);
document.addEventListener("submit", forgetTyped);
document.addEventListener("submit", takeTyped);
document.addEventListener("click", closeMenus);
document.addEventListener("keydown", closeMenus);
// A page brought back by the browser's Back button may be sent again.
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(allowAgain));
