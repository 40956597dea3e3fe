// Reading without a connection. Begun by alliance/web/offline.py with WORDS (by language), READABLE (addresses of pages that may be
// kept), FILES (by language), MOST. A page is kept for whoever it was made for, which it says itself (data-keep); nobody else's
// stays. What is never kept: what the server says is to be stored nowhere, and every page that is not named as readable.

const PAGES = "alliance.pages.";
const STORE = "alliance.files";
const LIST = "/offline";
const GONE = [403, 404, 410];
const readable = READABLE.map((one) => new RegExp(`^(?:${one})$`));

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(renew()));
self.addEventListener("message", (event) => event.waitUntil(told(event.data)));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.mode !== "navigate") {
    if (request.method === "GET" && url.pathname.startsWith("/static/") && url.search) event.respondWith(file(request));
  } else if (request.method === "GET") {
    event.respondWith(page(event, url));
  }
});

/** Files of before this version go; pages that name them get those of now. */
async function renew() {
  await self.clients.claim();
  const present = new Set(Object.values(FILES).flat());
  const store = await caches.open(STORE);
  for (const one of await store.keys()) {
    const url = new URL(one.url);
    if (!present.has(url.pathname + url.search)) await store.delete(one);
  }
}

/** What a page says when it has been opened: whose it is, and its address, for it may have come before there was this worker. */
async function told({ who, shown }) {
  await only(who);
  const url = new URL(shown);
  if (await (await caches.open(PAGES + who)).match(address(url))) return;
  const answer = await fetch(shown, { cache: "only-if-cached", mode: "same-origin" }).catch(() => null);
  if (answer) await keep(answer, url);
}

/** Nothing of anybody else stays on the device. */
async function only(who) {
  for (const name of await caches.keys()) {
    if (name.startsWith("alliance.") && ![PAGES + who, STORE].includes(name)) await caches.delete(name);
  }
}

const whose = (text) => /<form id="own"[^>]* data-keep="(\w+)"/.exec(text)?.[1] ?? "guest";

/** The address a page is kept under: what one was shown, whichever language was asked for on the way. */
function address(url) {
  const plain = new URL(url.pathname + url.search, url);
  plain.searchParams.delete("lang");
  return plain.href;
}

async function page(event, url) {
  try {
    const answer = await fetch(event.request);
    if (keepable(answer, url)) event.waitUntil(keep(answer.clone(), url));
    else if (GONE.includes(answer.status)) event.waitUntil(drop(url));
    return answer;
  } catch {
    return away(url);
  }
}

const keepable = (answer, url) =>
  answer.status === 200 && answer.type === "basic" && !answer.redirected && /^text\/html/.test(answer.headers.get("Content-Type") ?? "") &&
  !/no-store/.test(answer.headers.get("Cache-Control") ?? "") && readable.some((one) => one.test(url.pathname));

async function keep(answer, url) {
  if (!keepable(answer, url)) return;
  const text = await answer.text();
  if (!text.includes('<main id="main"')) return;
  await only(whose(text));
  const pages = await caches.open(PAGES + whose(text));
  const key = address(url);
  await pages.delete(key); // the newest stand last
  await pages.put(key, copied(text, answer.headers, { "X-Kept": new Date().toISOString() }));
  const kept = (await pages.keys()).filter((one) => new URL(one.url).pathname !== LIST);
  for (const old of kept.slice(0, Math.max(0, kept.length - MOST))) await pages.delete(old);
  await furnish(pages, text);
}

/** A page is there no more, or not for this person: no copy of it stays, nor, where it was of a group, of anything that tells of the group. */
async function drop(url) {
  const { pages } = (await mine()) ?? {};
  if (!pages) return;
  const discussion = within(url);
  const lost = (one) => one.url === address(url) || (discussion && within(new URL(one.url)) === discussion);
  const groups = new Set();
  for (const one of (await pages.keys()).filter(lost)) {
    groups.add(GROUP.exec(await textOf(pages, one))?.[0]);
    await pages.delete(one);
  }
  for (const one of groups.size ? await pages.keys() : []) {
    const said = await textOf(pages, one);
    if ([...groups].some((group) => group && said.includes(group))) await pages.delete(one);
  }
}

const GROUP = /\/groups\/[^/"?#]+(?=["/?#])/; // (the way to where a page stands is the first link to one)
const within = (url) => /^\/d\/\d+(?=\/|$)/.exec(url.pathname)?.[0];

const textOf = async (pages, one) => (await (await pages.match(one))?.text()) ?? "";

function copied(text, headers, more, status = 200) {
  const given = new Headers(headers);
  for (const name of ["Content-Encoding", "Content-Length", "ETag", "Vary"]) given.delete(name);
  for (const [name, value] of Object.entries(more)) given.set(name, value);
  return new Response(text, { status, headers: given });
}

/** What kept pages need: their style and scripts, and the list of what can be read, in the language and theme of the page. */
async function furnish(pages, text) {
  const language = /<html lang="(\w+)"/.exec(text)?.[1];
  const shown = `${LIST}?shown=${language}.${/^<!doctype html>\s*<html[^>]* data-theme="(\w+)"/.exec(text)?.[1] ?? ""}`;
  const store = await caches.open(STORE);
  for (const one of [...FILES[""], ...(FILES[language] ?? [])]) {
    if (!(await store.match(one, { ignoreVary: true }))) await store.add(one);
  }
  if (await pages.match(shown)) return;
  const answer = await fetch(LIST);
  const list = await answer.text();
  if (!answer.ok || whose(list) !== whose(text)) return;
  for (const old of await pages.keys()) if (new URL(old.url).pathname === LIST) await pages.delete(old);
  await pages.put(shown, copied(list, answer.headers, {}));
}

async function file(request) {
  const store = await caches.open(STORE);
  const kept = await store.match(request, { ignoreVary: true });
  if (kept) return kept;
  try {
    return await fetch(request);
  } catch (error) {
    const other = await store.match(request, { ignoreVary: true, ignoreSearch: true });
    if (other) return other;
    throw error;
  }
}

/** Whose pages are kept here: of one person at most. */
async function mine() {
  const name = (await caches.keys()).find((one) => one.startsWith(PAGES));
  return name && { who: name.slice(PAGES.length), pages: await caches.open(name) };
}

/** The connection is gone: the page as it was, or the list of what there is. */
async function away(url) {
  const { pages } = (await mine()) ?? {};
  const keys = pages ? (await pages.keys()).map((one) => one.url) : [];
  const discussion = within(url);
  const found = keys.find((one) => one === address(url) && url.pathname !== LIST)
    ?? keys.findLast((one) => discussion && (`${new URL(one).pathname}/`).startsWith(`${discussion}/`));
  const answer = found && (await pages.match(found));
  if (answer) {
    const text = await answer.text();
    const language = /<html lang="(\w+)"/.exec(text)?.[1] ?? "en";
    const moment = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" }).format(new Date(answer.headers.get("X-Kept")));
    const line = `<p class="notice notice-warning" role="status">${escaped(WORDS[language].kept_of.replace("%s", moment))} <a href="${LIST}">${escaped(WORDS[language].kept_list)}</a></p>`;
    return copied(text.replace(/<main id="main"[^>]*>/, (main) => main + line), answer.headers, {});
  }
  const list = keys.find((one) => new URL(one).pathname === LIST);
  if (!list) return Response.error();
  const shell = await pages.match(list);
  return copied(await shell.text(), shell.headers, {}, url.pathname === LIST ? 200 : 503);
}

const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
