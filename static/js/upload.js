// Shows how far a file has been sent; after a broken line it can be sent again with one press. Without this, the
// browser sends the form by itself.

function tell(form, words, failed) {
  const told = form.querySelector("[data-told]");
  told.className = failed ? "error" : "meta";
  told.textContent = words;
}

function show(form, share) {
  const line = form.querySelector("[data-progress]");
  line.hidden = share === null;
  const done = Math.floor((share ?? 0) * 100);
  line.querySelector("progress").value = done;
  line.querySelector("span").textContent = `${done}%`;
}

/** The page that the server answered with takes this one's place; a file that was not at fault stays chosen. */
function take(form, answer) {
  const page = new DOMParser().parseFromString(answer, "text/html");
  const [next, now] = [page.querySelector("main"), document.querySelector("main")];
  const chosen = form.querySelector("input[type=file]");
  const empty = next?.querySelector("input[type=file]");
  if (empty && empty.getAttribute("aria-invalid") !== "true") {
    chosen.removeAttribute("aria-invalid");
    empty.replaceWith(chosen);
  }
  document.title = page.title;
  now.replaceWith(document.adoptNode(next ?? page.body));
  document.querySelectorAll("form[data-upload]").forEach(prepare);
  document.querySelector("[data-focus]")?.focus();
}

function send(event) {
  const form = event.currentTarget;
  if (!form.querySelector("input[type=file]").files.length) return;
  event.preventDefault();
  const line = new XMLHttpRequest();
  const button = form.querySelector("button.button");
  const ready = () => {
    button.removeAttribute("aria-disabled");
    delete form.dataset.sent;
  };
  tell(form, "");
  show(form, 0);
  line.upload.addEventListener("progress", (sent) => sent.lengthComputable && show(form, sent.loaded / sent.total));
  line.upload.addEventListener("load", () => tell(form, form.dataset.arrived));
  line.addEventListener("load", () => {
    if (line.status < 400 && line.responseURL !== form.action) location.assign(line.responseURL);
    else take(form, line.responseText);
  });
  line.addEventListener("error", () => {
    show(form, null);
    tell(form, form.dataset.cut, true);
    ready();
  });
  line.open("POST", form.action);
  line.setRequestHeader("Accept", "text/html");
  line.send(new FormData(form));
}

function prepare(form) {
  form.addEventListener("submit", send);
}

document.querySelectorAll("form[data-upload]").forEach(prepare);
