// What is kept on this device: the list of pages, and texts that wait for the connection, or were sent, or could not be.

import { words } from "./words.js";

const LIST = "/offline";
const language = document.documentElement.lang;
const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const inert = (html) => new DOMParser().parseFromString(html, "text/html");
const kept = document.querySelector("[data-kept]");
const section = document.querySelector("[data-outbox]") ?? aside();

function make(name, text, more = {}) {
  const made = document.createElement(name);
  made.append(text);
  return Object.assign(made, more);
}

/** On other pages: a place at their head. */
function aside() {
  const made = make("section", "", { hidden: true });
  document.getElementById("main").prepend(made);
  return made;
}

async function opened(beginning) {
  const name = (await caches.keys()).find((one) => one.startsWith(beginning));
  return name && caches.open(name);
}

/** The pages, the latest first. */
async function list() {
  const pages = await opened("alliance.pages.");
  const lines = [];
  for (const key of (await pages?.keys()) ?? []) {
    if (new URL(key.url).pathname === LIST) continue;
    const answer = await pages.match(key);
    const page = inert(await answer.text());
    const line = make("li", make("a", page.title.replace(/ · Alliance$/, ""), { href: key.url, dir: "auto" }));
    line.append(make("p", moment.format(new Date(answer.headers.get("X-Kept"))), { className: "meta" }));
    lines.unshift(line);
  }
  kept.replaceChildren(...lines);
  document.querySelector("[data-none]").hidden = lines.length > 0;
}

/** The texts; those that were sent are told of once. */
async function waiting() {
  const outbox = await opened("alliance.outbox.");
  const lines = [];
  for (const key of (await outbox?.keys()) ?? []) {
    const item = await (await outbox.match(key)).json();
    lines.push(told(outbox, key, item));
    if (item.state === "sent") await outbox.delete(key);
  }
  if (!lines.length && !section.childElementCount) return;
  section.replaceChildren(make("h2", words.outbox), ...lines);
  section.hidden = !lines.length;
}

function told(outbox, key, item) {
  const box = make("div", "", { className: `notice ${{ sent: "notice-success", refused: "notice-error" }[item.state] ?? ""}` });
  box.setAttribute("role", "status");
  box.append(make("p", { waits: words.outbox_waits, sent: words.outbox_sent, refused: words.outbox_refused }[item.state]));
  for (const said of answered(item)) box.append(make("p", said.textContent.trim().replace(/\s+/g, " ")));
  box.append(make("pre", item.body, { className: "kept", dir: "auto" }));
  const row = make("p", "", { className: "actions" });
  if (item.state === "sent") {
    row.append(make("a", words.outbox_read, { href: item.address }));
  } else {
    if (item.state === "refused") row.append(button(words.outbox_again, () => again(key.url)), " ");
    row.append(button(words.outbox_discard, async () => {
      await outbox.delete(key);
      await waiting();
    }));
  }
  box.append(row);
  return box;
}

/** What the server said: what is wrong, else what has been done, else what its page is about. */
function answered(item) {
  if (!item.html) return [];
  const page = inert(item.html);
  const said = page.querySelectorAll(".error-summary, main > .notice");
  return said.length || item.state === "sent" ? said : page.querySelectorAll("h1, .lead");
}

async function again(url) {
  const who = document.getElementById("own")?.dataset.keep ?? "guest";
  (await navigator.serviceWorker.ready).active.postMessage({ who, again: url });
}

const button = (text, act) => {
  const made = make("button", text, { type: "button", className: "button button-small" });
  made.addEventListener("click", act);
  return made;
};

if (kept) list();
waiting();
navigator.serviceWorker?.addEventListener("message", waiting);
