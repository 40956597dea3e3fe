// Reading on: branches hidden and shown, the keys j k n p, and posts marked as read once they were on the screen.
// Without this, the same is done by links and buttons.

import { numberOf, pathOf } from "./paths.js";
import { words } from "./words.js";

const posts = document.getElementById("posts");
const form = document.getElementById("reading");
const SEEN_AFTER = 1500;
const SEND_EVERY = 3000;

const articles = () => [...posts.querySelectorAll("article")];
const shown = () => articles().filter((post) => !post.hidden);
const number = (value) => new Intl.NumberFormat(document.documentElement.lang).format(value);

// Branches: a set of paths; whatever stands below one of them is hidden. Paths are prefix codes, so a prefix is an ancestor.

const folded = new Set();

function fold(path, away) {
  if (away) folded.add(path);
  else folded.delete(path);
  applyFolds();
  const link = posts.querySelector(`article[data-path="${path}"] .post-fold`);
  link?.setAttribute("aria-expanded", String(!away));
  return link;
}

function applyFolds() {
  const counts = new Map([...folded].map((path) => [path, 0]));
  for (const post of articles()) {
    const above = [...folded].filter((path) => pathOf(post) !== path && pathOf(post).startsWith(path));
    post.hidden = above.length > 0;
    for (const path of above) counts.set(path, counts.get(path) + 1);
  }
  for (const line of posts.querySelectorAll(".folded[data-by-script]")) line.remove();
  for (const [path, count] of counts) tellFolded(path, count);
}

function tellFolded(path, count) {
  const post = posts.querySelector(`article[data-path="${path}"]`);
  if (!post || post.hidden) return;
  const line = document.createElement("p");
  line.className = "folded meta";
  line.dataset.byScript = "";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = words.show;
  button.addEventListener("click", () => fold(path, false)?.focus());
  line.append(`${words.folded.replace("%s", number(count))} `, button);
  post.after(line);
}

posts?.addEventListener("click", (event) => {
  const link = event.target.closest("a.post-fold");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const path = pathOf(link.closest("article"));
  fold(path, !folded.has(path));
});

// What was on the screen for a while, at least half of it or half of the screen full, is read.

class Reading {
  constructor() {
    this.unread = new Map(); // number → article
    this.timers = new Map();
    this.pending = new Set();
    this.elsewhere = Number(form.dataset.elsewhere);
    this.watcher = new IntersectionObserver((entries) => entries.forEach((one) => this.see(one)), { threshold: [0, 0.25, 0.5, 0.75, 1] });
    articles().forEach((post) => this.take(post));
    setInterval(() => this.send(), SEND_EVERY);
    addEventListener("pagehide", () => this.sendAtOnce());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.sendAtOnce();
    });
  }

  /** A post that stands on the page: unread when the server says so, or when a socket brought it. */
  take(post) {
    const key = numberOf(post);
    const arrived = post.classList.contains("is-new") && !this.unread.has(key);
    if (!arrived && !this.unread.has(key) && !post.querySelector("[data-unread-post]")) return;
    this.unread.set(key, post);
    this.watcher.observe(post);
  }

  see({ target, intersectionRatio, intersectionRect }) {
    const key = numberOf(target);
    const enough = intersectionRatio >= 0.5 || intersectionRect.height >= innerHeight / 2;
    if (!enough) {
      clearTimeout(this.timers.get(key));
      this.timers.delete(key);
    } else if (!this.timers.has(key)) {
      this.timers.set(key, setTimeout(() => this.read(key), SEEN_AFTER));
    }
  }

  read(key) {
    this.timers.delete(key);
    const post = this.unread.get(key);
    if (!post?.isConnected || document.visibilityState === "hidden") return;
    this.watcher.unobserve(post);
    this.unread.delete(key);
    this.pending.add(key);
    post.querySelector(".unread-mark")?.classList.add("is-read");
  }

  body() {
    const body = new FormData();
    body.set("csrf_token", form.elements.csrf_token.value);
    body.set("numbers", [...this.pending].join(","));
    body.set("quiet", "1");
    return body;
  }

  async send() {
    if (!this.pending.size) return;
    const sent = [...this.pending];
    const body = this.body();
    this.pending.clear();
    try {
      const answer = await fetch(form.action, { method: "POST", body, keepalive: true }); // even if one leaves meanwhile
      if (!answer.ok || answer.redirected) return; // signed out, or the discussion is closed: nothing to try again
      this.tell((await answer.json()).unread);
    } catch {
      for (const key of sent) this.pending.add(key); // the link is down; with the next batch
    }
  }

  sendAtOnce() {
    if (this.pending.size && navigator.sendBeacon(form.action, this.body())) this.pending.clear();
  }

  tell(left) {
    const link = form.querySelector(".reading-first");
    if (!link) return;
    link.textContent = words.unread.replace("%s", number(left));
    link.hidden = left === 0;
  }
}

const reading = posts && form ? new Reading() : null;

if (posts) {
  new MutationObserver((changes) => {
    const added = changes.flatMap((change) => [...change.addedNodes]).filter((node) => node.matches?.("article"));
    if (!added.length) return;
    if (folded.size) applyFolds();
    added.forEach((post) => reading?.take(post));
  }).observe(posts, { childList: true });
}

// Keys, never inside what one types in.

const typing = (element) => element.closest("input, textarea, select, [contenteditable], dialog") !== null;

function current() {
  const within = document.activeElement?.closest("article");
  if (within) return within;
  return shown().filter((post) => post.getBoundingClientRect().top < innerHeight / 3).at(-1);
}

function step(candidates, forward) {
  const here = current();
  const list = shown();
  const place = list.indexOf(here);
  const wanted = candidates(list);
  return forward ? wanted.find((post) => list.indexOf(post) > place) : wanted.filter((post) => list.indexOf(post) < place).at(-1);
}

function goTo(post) {
  if (!post) return false;
  post.scrollIntoView({ block: "start" });
  post.querySelector(".post-head a")?.focus({ preventScroll: true });
  return true;
}

const unreadIn = (list) => list.filter((post) => reading?.unread.has(numberOf(post)));

/** On this page, or else where the server knows the next one. */
function goToUnread(forward) {
  if (!reading || goTo(step(unreadIn, forward)) || reading.elsewhere < 1) return;
  const edge = forward ? articles().at(-1) : articles()[0];
  location.assign(`${form.dataset.unread}?${forward ? "after" : "before"}=${numberOf(edge)}`);
}

const KEYS = {
  j: () => goTo(step((list) => list, true)),
  k: () => goTo(step((list) => list, false)),
  n: () => goToUnread(true),
  p: () => goToUnread(false),
};

if (posts) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target)) return;
    if (!Object.hasOwn(KEYS, event.key)) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  tellKeys();
}

/** Which keys there are, for those who have some. */
function tellKeys() {
  const line = document.createElement("p");
  line.className = "orders-keys meta";
  const told = [["j", "k", words.next_post], ...(form ? [["n", "p", words.next_unread]] : [])];
  const parts = told.map(([first, second, what]) => {
    const part = document.createElement("span");
    part.append(key(first), " ", key(second), ` ${what}`);
    return part;
  });
  line.append(Object.assign(document.createElement("span"), { textContent: words.keys }), ...parts.flatMap((part) => [" ", part]));
  document.querySelector(".orders")?.append(line);
}

function key(name) {
  return Object.assign(document.createElement("kbd"), { textContent: name });
}
