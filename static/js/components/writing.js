// A form of writing: saved as one types, previewed in place, sent once. Without this, its buttons do the same.

import { words } from "./words.js";

const FIELDS = ["title", "body", "language", "capacity", "parent_id", "quotes", "revision"];
const PAUSE = 2000; // after the last key
const AT_LATEST = 15000;
const AGAIN = 30000; // after a failure
const OUTLIVES = 20000; // characters: browsers finish a request of 64 kB after its page is gone
const STORE = "alliance.draft.";

const line = document.querySelector("[data-writing]");
if (line?.closest("form")) new Writing(line.closest("form"), line.dataset);

function Writing(form, { place, person }) {
  const url = `/drafts/${place}`;
  const key = `${STORE}${person}.${place}`;
  const field = (name) => form.elements.namedItem(name);
  const text = field("body");
  const main = form.querySelector(".button-primary");
  let timer = 0;
  let since = 0; // when the first change was made that is not saved
  let request = null;
  let conflict = null;
  let sent = false;

  const says = (message) => { line.textContent = message; };
  const fields = () => Object.fromEntries(FIELDS.filter(field).map((name) => [name, field(name).value]));
  const revision = () => Number(field("draft_revision").value) || 0;

  form.addEventListener("input", changed);
  form.addEventListener("submit", submitted);
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit(main);
  });
  addEventListener("online", () => since && save());
  addEventListener("pageshow", (event) => event.persisted && awake());
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && leave());
  addEventListener("pagehide", leave);
  comeBack();
  // What was typed before this came.
  if (text.value !== text.defaultValue) changed({ target: text });

  function changed(event) {
    if (event.target.type === "file" || conflict) return;
    since ||= Date.now();
    clearTimeout(timer);
    timer = setTimeout(save, Math.max(0, Math.min(PAUSE, since + AT_LATEST - Date.now())));
  }

  /** Save on the server; one request at a time, so that what comes after is not taken for another window's. */
  async function save({ leaving = false } = {}) {
    if (sent || conflict || request) return;
    clearTimeout(timer);
    since = 0;
    const draft = { fields: fields(), revision: revision(), nonce: field("nonce").value };
    request = new AbortController();
    try {
      const answer = await put(draft, request.signal, leaving);
      request = null;
      await answered(answer, draft);
    } catch {
      request = null;
      if (!sent) failed(words.offline, draft);
    }
  }

  function put(draft, signal, leaving = false) {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": field("csrf_token").value };
    const body = JSON.stringify(draft);
    return fetch(url, { method: "PUT", headers, body, signal, keepalive: leaving && body.length < OUTLIVES });
  }

  async function answered(answer, draft) {
    if (answer.ok) {
      field("draft_revision").value = (await answer.json()).revision;
      localStorage.removeItem(key);
      says(words.saved.replace("%s", new Date().toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" })));
      if (since) changed({ target: form }); // typed while it was on its way
    } else if (answer.status === 409) {
      differ(await answer.json());
    } else if (answer.status === 410) {
      // What had this nonce is published (the page came back from the history): this is another text.
      field("nonce").value = (await answer.json()).nonce;
      field("draft_revision").value = "0";
      await save();
    } else {
      failed([400, 401, 403].includes(answer.status) ? words.signed_out : words.offline, draft);
    }
  }

  function failed(message, draft) {
    keepHere(draft);
    says(message);
    since ||= Date.now();
    clearTimeout(timer);
    timer = setTimeout(save, AGAIN);
  }

  function keepHere(draft) {
    try {
      localStorage.setItem(key, JSON.stringify(draft));
    } catch {
      // No room, or not allowed: the text is still in the form.
    }
  }

  /** The page goes away, perhaps for good. */
  function leave() {
    if (!since || sent || conflict) return;
    const draft = { fields: fields(), revision: revision(), nonce: field("nonce").value };
    keepHere(draft);
    save({ leaving: true });
  }

  /** What was written on this device without a connection. */
  async function comeBack() {
    const kept = read();
    if (!kept) return;
    let answer = null;
    try {
      answer = await put(kept);
    } catch {
      fill(kept.fields);
      failed(words.offline, kept);
      return;
    }
    if (answer.status === 410) {
      localStorage.removeItem(key);
      return;
    }
    fill(kept.fields);
    field("nonce").value = kept.nonce;
    await answered(answer, kept);
    if (answer.ok) says(words.here_again);
  }

  function read() {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  }

  function fill(values) {
    for (const name of FIELDS.filter(field)) {
      if (name in values || name === "body" || name === "title") field(name).value = values[name] ?? "";
    }
  }

  /** A newer draft from elsewhere: both are shown, and nothing is saved until one has chosen. */
  function differ(newer) {
    conflict = document.createElement("section");
    conflict.className = "notice notice-warning";
    conflict.setAttribute("role", "alert");
    const [heading, more, shown, row] = ["h3", "p", "pre", "p"].map((name) => document.createElement(name));
    heading.textContent = words.newer;
    more.textContent = words.newer_more;
    shown.textContent = newer.fields.body ?? "";
    shown.className = "kept";
    shown.dir = "auto";
    row.className = "actions";
    row.append(choice(words.keep_mine, newer, () => {}), " ", choice(words.use_newer, newer, () => fill(newer.fields)));
    conflict.append(heading, more, shown, row);
    text.closest(".field").before(conflict);
  }

  function choice(label, newer, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-small";
    button.textContent = label;
    button.addEventListener("click", () => {
      act();
      conflict.remove();
      conflict = null;
      field("draft_revision").value = newer.revision;
      text.focus();
      save();
    });
    return button;
  }

  function submitted(event) {
    const name = event.submitter?.name;
    if (event.submitter?.formAction.endsWith("/discard")) {
      sent = true;
      localStorage.removeItem(key);
      return;
    }
    if (sent || event.defaultPrevented) {
      event.preventDefault();
      return;
    }
    if (name === "save") {
      event.preventDefault();
      save();
    } else if (name === "preview" && !event.submitter.dataset.plain) {
      event.preventDefault();
      preview(event.submitter);
    } else {
      send();
    }
  }

  /** Publishing: an ordinary form, sent once. What is kept here is dropped when the server says that it is published. */
  function send() {
    sent = true;
    clearTimeout(timer);
    request?.abort();
    keepHere({ fields: fields(), revision: revision(), nonce: field("nonce").value });
    noteSeen();
    says(words.sending);
    setTimeout(() => buttons().forEach((button) => { button.disabled = true; }));
  }

  /** Posts a socket brought before one's eyes are no news. */
  function noteSeen() {
    const seen = field("seen");
    if (!seen) return;
    const shown = [...document.querySelectorAll(".is-new .post-head > a:first-child")].map((link) => Number(link.textContent.slice(1)));
    seen.value = Math.max(Number(seen.value), ...shown);
  }

  const buttons = () => form.querySelectorAll("button[type=submit]");

  /** The page was kept in memory and is shown again, after it had been left or sent. */
  function awake() {
    sent = false;
    says("");
    buttons().forEach((button) => { button.disabled = false; });
  }

  async function preview(button) {
    const body = new FormData();
    for (const name of ["csrf_token", "body", "language"]) body.set(name, field(name)?.value ?? "");
    try {
      const answer = await fetch("/preview", { method: "POST", body });
      if (!answer.ok) throw new Error(answer.status);
      const section = form.querySelector(".preview");
      section.querySelector(".prose").outerHTML = await answer.text();
      section.hidden = false;
      const heading = section.querySelector("h3");
      heading.tabIndex = -1;
      heading.focus();
    } catch {
      button.dataset.plain = "yes";
      form.requestSubmit(button);
    }
  }
}
