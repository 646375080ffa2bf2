// Passkeys: a form with data-passkey asks the server for options, the browser for an answer, and sends it.
const said = (form, words) => {
  const place = form.querySelector("[data-said]");
  place.textContent = words;
  place.hidden = !words;
};

const ask = async (form) => {
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.dataset.options, { method: "POST", body, headers: { Accept: "application/json" } });
  if (!answer.ok && form.dataset.passkey === "create") return null;
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
};

const answerOf = async (form, options) => {
  if (form.dataset.passkey === "create") {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    return navigator.credentials.create({ publicKey });
  }
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return navigator.credentials.get({ publicKey });
};

const known = window.PublicKeyCredential && PublicKeyCredential.parseCreationOptionsFromJSON;
for (const form of document.querySelectorAll("form[data-passkey]")) {
  for (const note of form.querySelectorAll("[data-without]")) note.hidden = Boolean(known);
  if (!known) continue;
  for (const part of form.querySelectorAll("[data-with]")) part.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    said(form, "");
    try {
      const options = await ask(form);
      if (!options) return form.submit(); // the page says why: a device keeps what it made, so it makes none for what is refused
      const credential = await answerOf(form, options);
      form.elements.credential.value = JSON.stringify(credential.toJSON());
      form.submit();
    } catch {
      said(form, form.dataset.failed);
    }
  });
}
