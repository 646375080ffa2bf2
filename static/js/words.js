// On the form of a comment: words selected in the paragraph above it become a choice of "Which words is it about?".
// The server makes the choice, as it does without this for an address with words in it; what was typed stays.

const quote = document.querySelector("[data-choose-words]");
const form = quote && document.querySelector("form[data-draft]");

/** The selected words of the paragraph, with what stands around them; null where none are selected. */
function selected() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!range.intersectsNode(quote)) return null;
  const [before, within, after] = [1, 2, 3].map(() => {
    const part = document.createRange();
    part.selectNodeContents(quote);
    return part;
  });
  if (quote.contains(range.startContainer)) {
    within.setStart(range.startContainer, range.startOffset);
    before.setEnd(range.startContainer, range.startOffset);
  } else before.collapse(true);
  if (quote.contains(range.endContainer)) {
    within.setEnd(range.endContainer, range.endOffset);
    after.setStart(range.endContainer, range.endOffset);
  } else after.collapse(false);
  const exact = within.toString().trim();
  return exact && { exact, prefix: before.toString().slice(-32), suffix: after.toString().slice(0, 32), start: [...before.toString()].length };
}

const group = (root) => root.querySelector("input[name=on]")?.closest(".field");

/** Takes the choices from the page that the server would show for these words. */
async function choose(words, told) {
  const address = new URL(form.action, location.href);
  for (const [name, value] of Object.entries(words)) address.searchParams.set(name, value);
  let made;
  try {
    const answer = await fetch(address);
    made = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch { return told(quote.dataset.failed); }
  const choices = group(made);
  const refused = made.querySelector(".errors li");
  if (refused || !choices) return told(refused?.textContent.trim() ?? quote.dataset.failed);
  const there = group(form);
  if (there) there.replaceWith(choices);
  else form.querySelector(".field").before(choices);
  choices.querySelector("input:checked")?.focus();
  form.dispatchEvent(new Event("input", { bubbles: true }));
  return told(quote.dataset.chosen);
}

if (form) {
  const line = document.createElement("p");
  const button = line.appendChild(document.createElement("button"));
  const said = document.createElement("p");
  button.type = "button";
  button.className = "button second small";
  button.textContent = quote.dataset.chooseWords;
  line.hidden = true;
  said.className = "meta";
  said.setAttribute("role", "status");
  quote.parentElement.after(line, said);
  let words = null;
  let resting;
  button.addEventListener("mousedown", (event) => event.preventDefault()); // a press must not end the selection
  button.addEventListener("click", () => {
    line.hidden = true;
    choose(words, (text) => { said.textContent = text; });
  });
  document.addEventListener("selectionchange", () => {
    clearTimeout(resting);
    resting = setTimeout(() => {
      words = selected() ?? (document.activeElement === button ? words : null);
      line.hidden = !words;
    }, 150);
  });
}
