// Words of the draft: highlights those that comments are on, and offers to comment on the words that are selected.
// Places are counted in characters that leave ink: a page shows white space otherwise than the text has it.

const room = document.querySelector("[data-said]");
const blank = /[\s|]/; // a bar stands between the cells of a table, in the text only
const inked = (text) => [...text].filter((character) => !blank.test(character));

/** The text nodes of a provision's own words: without its number and the points under it. */
function nodesOf(place) {
  const root = place.querySelector(":scope > .para-text") ?? place;
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, (node) => {
    if (node.nodeType === Node.TEXT_NODE) return NodeFilter.FILTER_ACCEPT;
    return node.id || node.matches(".nr, .meta") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP;
  });
  const found = [];
  while (walk.nextNode()) found.push(walk.currentNode);
  return found;
}

/** Where the characters `from` to `to` that leave ink are on the page; null where the page has fewer. */
function rangeOf(place, from, to) {
  const range = document.createRange();
  let seen = 0;
  let started = false;
  for (const node of nodesOf(place)) {
    let offset = 0;
    for (const character of node.data) {
      if (!blank.test(character)) {
        if (seen === from) { range.setStart(node, offset); started = true; }
        seen += 1;
        if (seen === to && started) { range.setEnd(node, offset + character.length); return range; }
      }
      offset += character.length;
    }
  }
  return null;
}

/** Draws words given as "eid:start-end …". A heading's own words stand under its id with "-text". */
function draw(name, given) {
  const ranges = given.split(" ").flatMap((span) => {
    const found = /^(.+):(\d+)-(\d+)$/.exec(span);
    const place = found && (document.getElementById(`${found[1]}-text`) ?? document.getElementById(found[1]));
    return (place && rangeOf(place, Number(found[2]), Number(found[3]))) ?? [];
  });
  if (ranges.length) CSS.highlights.set(name, new Highlight(...ranges));
}

/** The selected words of one provision, the one with most of them; null where none are selected. */
function selectedWords() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  let best = null;
  for (const place of room.querySelectorAll("[id]")) {
    if (!range.intersectsNode(place)) continue;
    const words = wordsIn(place, range);
    if (words && words.exact.length > (best?.exact.length ?? 0)) best = words;
  }
  return best;
}

function wordsIn(place, range) {
  if (place.matches("h2, h3, [aria-labelledby]")) return null;
  let before = "";
  let exact = "";
  let after = "";
  for (const node of nodesOf(place)) {
    const text = node.data;
    if (!range.intersectsNode(node)) {
      if (exact) after += text; else before += text;
      continue;
    }
    const start = node === range.startContainer ? range.startOffset : 0;
    const end = node === range.endContainer ? range.endOffset : text.length;
    if (!exact) before += text.slice(0, start);
    exact += text.slice(start, end);
    after += text.slice(end);
  }
  if (!inked(exact).length) return null;
  return { eid: place.id.replace(/-text$/, ""), exact: exact.trim(), prefix: before, suffix: after };
}

/** The address of the form, with the words in it: whoever opens it needs nothing else. */
function address(words) {
  const url = new URL(room.dataset.comment.replace(/-(?=\?)/, encodeURIComponent(words.eid)), location.href);
  if (tooLong(words)) return url;
  const given = { exact: words.exact, prefix: words.prefix.slice(-32), suffix: words.suffix.slice(0, 32) };
  for (const [name, text] of Object.entries(given)) url.searchParams.set(name, text.replace(/\s+/g, " "));
  url.searchParams.set("start", [...words.prefix].length);
  return url;
}

const tooLong = (words) => [...words.exact].length > Number(room.dataset.most);

/** A paragraph takes one comment: where there is one, it is moved or changed. */
function label(words) {
  const { own, again, change, label: first, long } = room.dataset;
  if (own.split(" ").includes(words.eid)) return tooLong(words) ? change : again;
  return tooLong(words) ? long : first;
}

/** A link that appears while words are selected: at the foot of the window, and next in the order of the Tab key. */
function offerComments() {
  const offer = document.createElement("p");
  const link = offer.appendChild(document.createElement("a"));
  const spoken = document.createElement("p");
  offer.className = "offer";
  offer.hidden = true;
  link.className = "button";
  spoken.className = "hidden";
  spoken.setAttribute("aria-live", "polite");
  room.after(spoken);
  let resting;
  offer.addEventListener("mousedown", (event) => event.preventDefault()); // a slow press must not end the selection
  const show = () => {
    const words = selectedWords();
    offer.hidden = !words;
    spoken.textContent = "";
    if (!words) return;
    link.href = address(words);
    link.textContent = label(words);
    spoken.textContent = link.textContent;
    const place = document.getElementById(words.eid) ?? document.getElementById(`${words.eid}-text`);
    place.closest(".para, blockquote").after(offer);
  };
  document.addEventListener("selectionchange", () => {
    clearTimeout(resting);
    resting = setTimeout(show, 150);
  });
}

if (room && globalThis.CSS?.highlights) {
  draw("said", room.dataset.said);
  draw("mine", room.dataset.mine);
}
if (room?.dataset.comment) offerComments();
