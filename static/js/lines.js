// Leads from "Line 12" to line 12 of the text it is about, and marks that line.

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
