// Words of the draft: highlights those that comments are on, offers to comment on the words that are selected, and
// opens the form for it under their paragraph. Without this, each of its links leads to a page that does the same.
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
  CSS.highlights.set(name, new Highlight(...ranges));
}

function drawAll() {
  if (!globalThis.CSS?.highlights) return;
  draw("said", room.dataset.said);
  draw("mine", room.dataset.mine);
}

/** A press on words that comments are on opens these, as the number beside the paragraph does. */
function openSaid(event) {
  if (event.target.closest("a, button, form, summary") || !getSelection().isCollapsed) return;
  const at = document.caretPositionFromPoint?.(event.clientX, event.clientY);
  const said = at && [...(CSS.highlights.get("said") ?? [])].some((range) => range.isPointInRange(at.offsetNode, at.offset));
  if (said) event.target.closest(".para")?.querySelector(".units")?.click();
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

/** A link that appears while words are selected: under their paragraph, and next in the order of the Tab key. */
function offerComments() {
  const offer = document.createElement("p");
  const link = offer.appendChild(document.createElement("a"));
  offer.className = "offer";
  offer.hidden = true;
  link.className = "button";
  let resting;
  offer.addEventListener("mousedown", (event) => event.preventDefault()); // a slow press must not end the selection
  const show = () => {
    const words = selectedWords();
    offer.hidden = !words;
    if (!words) return;
    link.href = address(words);
    link.textContent = label(words);
    tell(link.textContent);
    const place = document.getElementById(words.eid) ?? document.getElementById(`${words.eid}-text`);
    const para = place.closest(".para");
    if (para) para.append(offer);
    else place.closest("blockquote").after(offer);
  };
  document.addEventListener("selectionchange", () => {
    clearTimeout(resting);
    resting = setTimeout(show, 150);
  });
}

const spoken = document.createElement("p");
const tell = (words) => { spoken.textContent = words; };
let closeOpen = () => {}; // what closes the form that is open
let saved; // when what a closed form sent last has arrived: a form that is fetched before that would be without it

/** Opens the form of a link under its paragraph; where that fails, the link leads to it. */
async function openForm(event) {
  const link = event.target.closest(".para a[href*='/respond/comment/']");
  const para = link?.closest(".para[id]");
  if (!para || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  try {
    await saved;
    const answer = await fetch(link.href);
    if (!answer.ok) throw new Error(answer.status);
    const page = parse(await answer.text());
    closeOpen();
    keepMarked(link);
    showForm(para, page, link.href);
    tell(room.dataset.opened);
  } catch {
    location.assign(link.href);
  }
}

/** What was selected stays marked, as what the form is about. */
function keepMarked(link) {
  const selection = getSelection();
  if (link.closest(".offer")) CSS.highlights?.set("mine", new Highlight(...(CSS.highlights.get("mine") ?? []), selection.getRangeAt(0).cloneRange()));
  selection.removeAllRanges();
}

const parse = (html) => new DOMParser().parseFromString(html, "text/html");

function showForm(para, page, url) {
  const around = [...page.querySelector("#composer").parentElement.children].map((part) => document.importNode(part, true));
  const at = around.findIndex((part) => part.id === "composer");
  const form = around[at];
  const head = document.createElement("h4");
  head.textContent = page.querySelector("h1").textContent;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "link";
  close.textContent = room.dataset.close;
  form.querySelector("h2").replaceWith(head, close, ...around.slice(0, at));
  form.append(...around.slice(at + 1));
  form.querySelector("textarea").rows = 4;
  para.classList.add("open");
  para.append(form);
  form.dispatchEvent(new Event("arrived", { bubbles: true }));
  const start = written(form);
  const own = para.querySelector(".own");
  const leave = (kept) => {
    const back = para.querySelector(".say, .own a");
    if (kept && written(form) !== start) {
      tell(room.dataset.kept);
      back.href = url;
    }
    const leaving = new CustomEvent("leaves", { detail: {} });
    form.dispatchEvent(leaving);
    saved = leaving.detail.saved;
    form.remove();
    para.classList.toggle("open", Boolean(own));
    closeOpen = () => {};
    drawAll();
    back?.focus();
  };
  closeOpen = () => leave(true);
  close.addEventListener("click", closeOpen);
  form.querySelector("[data-unsaved]").addEventListener("click", (event) => {
    event.preventDefault();
    leave(false);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) closeOpen();
  });
  form.addEventListener("submit", (event) => send(event, para));
  (form.querySelector(".errors") ?? form.querySelector("input:not([type=hidden]), textarea")).focus();
}

const written = (form) => JSON.stringify([...new FormData(form)]);

/** Saves where one is. What comes back is the draft with the comment in it, the form with what is wrong, or elsewhere. */
async function send(event, para) {
  if (event.defaultPrevented) return;
  event.preventDefault();
  const form = event.target;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form, event.submitter) });
    const page = parse(await answer.text());
    const made = page.getElementById(para.id);
    if (page.querySelector("#composer")) {
      form.remove();
      showForm(para, page, form.action);
    } else if (answer.ok && made?.matches(".para")) {
      closeOpen = () => {};
      para.replaceWith(document.importNode(made, true));
      Object.assign(room.dataset, page.querySelector("[data-said]").dataset);
      drawAll();
      document.querySelector(".steps")?.replaceWith(document.importNode(page.querySelector(".steps"), true));
      tell(page.querySelector("main .notice[role=status]")?.textContent.trim() ?? "");
      document.getElementById(para.id).querySelector(".own a").focus();
    } else location.assign(answer.url);
  } catch {
    delete form.dataset.sent;
    form.querySelector("[aria-disabled]")?.removeAttribute("aria-disabled");
    form.querySelector("[data-told]").textContent = form.dataset.kept;
  }
}

if (room) {
  drawAll();
  if (globalThis.CSS?.highlights) room.addEventListener("click", openSaid);
}
if (room?.dataset.comment) {
  spoken.className = "hidden";
  spoken.setAttribute("aria-live", "polite");
  room.after(spoken);
  offerComments();
  room.addEventListener("click", openForm);
}
