// Passkeys and security keys: asks the browser for one, and sends what it answered with the form. The server judges, and says what is wrong.

import { words } from "./words.js";

const button = document.querySelector("[data-key]");
const told = document.querySelector("[data-key-said]");
if (button && told) start(button.form);

function start(form) {
  if (!window.PublicKeyCredential) {
    told.textContent = words.key_unknown;
    return;
  }
  told.textContent = "";
  button.parentElement.hidden = false;
  let busy = false;
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    if (busy || (adding(form) && !form.reportValidity())) return;
    busy = true;
    form.elements.answer.value = "";
    try {
      const asked = await ask(form);
      // What is wrong (a password, too many tries) is said by the page that follows.
      if (asked) form.elements.answer.value = JSON.stringify(await answer(asked));
      form.requestSubmit(button);
    } catch (error) {
      told.textContent = error.name === "InvalidStateError" ? words.key_known : words.key_none;
    }
    busy = false;
  });
}

/** Whether a new key is wanted; else one that is known signs in. */
const adding = (form) => Boolean(form.elements.name);

async function ask(form) {
  told.textContent = words.key_wait;
  const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
  if (adding(form)) body.set("password", form.elements.password.value);
  const response = await fetch(button.dataset.key, { method: "POST", body });
  return response.ok ? response.json() : null;
}

async function answer(asked) {
  for (const one of [...(asked.excludeCredentials ?? []), ...(asked.allowCredentials ?? [])]) one.id = bytes(one.id);
  asked.challenge = bytes(asked.challenge);
  if (asked.user) asked.user.id = bytes(asked.user.id);
  const { id, type, response } = await (asked.user ? navigator.credentials.create({ publicKey: asked }) : navigator.credentials.get({ publicKey: asked }));
  const said = { transports: response.getTransports?.() };
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[part]) said[part] = text(response[part]);
  }
  return { id, rawId: id, type, response: said };
}

const bytes = (given) => Uint8Array.from(atob(given.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
