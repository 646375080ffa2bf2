// Leads from "Line 12" to line 12 of the text it is about, and marks that line. In the outline beside it, keys on the
// button of a line do what the buttons of its form do: only there, so that a letter stays a letter (WCAG 2.2, 2.1.4).

const KEYS = { ">": "indent", "<": "outdent", j: "join", s: "correct", c: "correct" };

function goTo(event) {
  const link = event.target.closest("a[data-line]");
  const area = link && document.getElementById(link.hash.slice(1));
  if (!area) return;
  event.preventDefault();
  const lines = area.value.split("\n");
  const before = lines.slice(0, Number(link.dataset.line) - 1);
  const start = before.reduce((sum, line) => sum + line.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[before.length] ?? "").length);
  area.scrollTop = area.scrollHeight * (before.length / lines.length) - area.clientHeight / 3;
}

document.addEventListener("click", goTo);

/** The key as a Latin keyboard has it: whoever writes Arabic or Russian presses the same one. */
const latin = (event) => (/^[a-z<>]$/i.test(event.key) ? event.key : event.code.replace("Key", "")).toLowerCase();

function correct(event) {
  const line = event.target.closest?.("[data-place]");
  const what = line && !event.ctrlKey && !event.metaKey && !event.altKey ? KEYS[latin(event)] : undefined;
  if (!what) return;
  event.preventDefault();
  line.value = `${what}-${line.dataset.place}`;
  line.form.requestSubmit(line);
}

document.addEventListener("keydown", correct);
for (const help of document.querySelectorAll("[data-outline-keys]")) help.hidden = false;
document.querySelector("[data-place][autofocus]")?.scrollIntoView({ block: "center" });
