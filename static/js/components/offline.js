// The list of pages that are kept on this device, the latest first.

const LIST = "/offline";
const moment = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
const kept = document.querySelector("[data-kept]");

const make = (name, text, more = {}) => {
  const made = document.createElement(name);
  made.append(text);
  return Object.assign(made, more);
};

async function list() {
  const name = (await caches.keys()).find((one) => one.startsWith("alliance.pages."));
  const pages = name && (await caches.open(name));
  const lines = [];
  for (const key of (await pages?.keys()) ?? []) {
    if (new URL(key.url).pathname === LIST) continue;
    const answer = await pages.match(key);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const line = make("li", make("a", page.title.replace(/ · Alliance$/, ""), { href: key.url, dir: "auto" }));
    line.append(make("p", moment.format(new Date(answer.headers.get("X-Kept"))), { className: "meta" }));
    lines.unshift(line);
  }
  kept.replaceChildren(...lines);
  document.querySelector("[data-none]").hidden = lines.length > 0;
}

if (kept && globalThis.caches) list();
