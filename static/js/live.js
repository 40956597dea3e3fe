// News of a discussion. Everything here only improves: the page is complete without it.
//
// The page says where it stands (data-cursor); the server tells what happened behind that cursor, once and in order.
// A new post is put where it belongs in the tree when nothing one looks at would move; otherwise a button waits for the
// reader, who has it shown. Focus and scroll position are the reader's.

import { connect } from "./components/connection.js";
import { Here } from "./components/here.js";
import { pathOf } from "./components/paths.js";
import { words } from "./components/words.js";

const section = document.getElementById("posts");
const SAY_PAUSE = 8000;
const lang = document.documentElement.lang;
const number = new Intl.NumberFormat(lang);

/**
 * Begin to hear.
 * @param {object|null} socket a line to the server; null: ask from time to time
 */
export function start(socket) {
  const live = section ? new Live(section) : null;
  const line = { say: () => {} };
  const here = live && new Here(live.discussion, (name, data) => line.say(name, data));
  const connection = connect({
    wish: () => live && { discussion: live.discussion, since: live.cursor, lang },
    take: (name, data) => live?.take(name, data),
    missed: (answer) => live?.missed(answer),
    hears: (how) => live?.hears(how),
    presence: (data) => here?.presence(data),
    typing: (data) => here?.typing(data),
    unread: showUnread,
  }, socket);
  line.say = connection.say;
}

/** The header's count of unread notifications. */
function showUnread(count) {
  for (const place of document.querySelectorAll(".count[data-unread]")) {
    place.textContent = count > 99 ? "99+" : count ? number.format(count) : "";
    place.hidden = !count;
  }
}

class Live {
  constructor(root) {
    this.root = root;
    this.discussion = Number(root.dataset.discussion);
    this.cursor = Number(root.dataset.cursor);
    this.held = [];
    this.below = [];
    this.button = Object.assign(document.createElement("button"), { type: "button", id: "live-below", className: "live-below", hidden: true });
    this.says = Object.assign(document.createElement("p"), { id: "live-says", className: "live-says" });
    this.says.setAttribute("role", "status");
    document.getElementById("reply")?.prepend(this.says);
    document.body.append(this.button);
    this.button.addEventListener("click", () => this.showNew());
    addEventListener("scroll", () => this.forgetSeen(), { passive: true });
  }

  /** How news arrive at the moment (for the style sheet, and for tests). */
  hears(how) {
    this.root.dataset.live = how;
  }

  /** What happened while nobody told. */
  missed(answer) {
    for (const one of answer.missed) this.take(one.event, one);
    if (answer.reload) this.say(words.reload);
    this.cursor = Math.max(this.cursor, answer.cursor);
  }

  /** One piece of news; what was told before (after a lost connection) is passed over. */
  take(name, data) {
    if (data.discussion !== this.discussion || data.cursor <= this.cursor) return;
    this.cursor = data.cursor;
    if (data.count) this.count(data.count);
    if (name === "discussion.changed") this.changed(data);
    else if (name === "post.published") this.publish(data);
    else this.replace(data);
  }

  count(said) {
    const place = document.getElementById("live-count");
    if (place) place.textContent = said;
  }

  changed(data) {
    this.say(data.locked ? words.locked : words.changed);
  }

  publish(data) {
    if (document.getElementById(`p${data.id}`) || this.held.some((post) => post.id === `p${data.id}`)) return;
    const post = parse(data.html);
    const next = this.after(post);
    if (next === null) {
      this.say(words.elsewhere);
      return;
    }
    if (this.wouldMove(next)) this.held.push(post);
    else this.insert(post, next);
    this.showButton();
    const author = post.querySelector(".author-name")?.textContent ?? "";
    this.say(words.new_reply.replace("%s", author), true);
  }

  /** The post before which a new one belongs: undefined at the end, null when that is on another page. */
  after(post) {
    const order = this.root.dataset.order;
    // By time, what is new is last. In turns, its place depends on what other pages hold.
    const next = order === "time" ? undefined : this.articles().find((other) => pathOf(post) < pathOf(other));
    const elsewhere = next ? next === this.articles()[0] && this.root.dataset.first !== "true" : this.root.dataset.last !== "true";
    return order === "balanced" || elsewhere ? null : next;
  }

  /** Whether putting a post there would push away what the reader looks at, or writes. */
  wouldMove(next) {
    const follows = next ?? document.getElementById("reply");
    const box = follows?.getBoundingClientRect();
    if (!box || box.top >= innerHeight || box.bottom <= 0) return false;
    return Boolean(next) || follows.contains(document.activeElement);
  }

  insert(post, next) {
    this.keepingPlace(() => {
      if (next) next.before(post);
      else if (this.articles().length) this.articles().at(-1).after(post);
      else this.root.append(post);
    });
    post.classList.add("is-new");
    if (post.getBoundingClientRect().top > innerHeight) this.below.push(post);
  }

  /** Put a post's present state in the place of the one shown, or of one that waits to be. */
  replace(data) {
    const waiting = this.held.findIndex((post) => post.id === `p${data.id}`);
    if (waiting >= 0 && data.html) this.held[waiting] = parse(data.html);
    const shown = document.getElementById(`p${data.id}`);
    if (!shown || !data.html) return;
    const focused = placeOf(shown, document.activeElement);
    const fresh = parse(data.html);
    keepOwn(shown, fresh);
    this.keepingPlace(() => shown.replaceWith(fresh));
    (focused && at(fresh, focused))?.focus({ preventScroll: true });
  }

  articles() {
    return [...this.root.querySelectorAll("article")];
  }

  /** Change the page so that what stands at the top of the window stays there. Most browsers see to it themselves. */
  keepingPlace(change) {
    if (CSS.supports("overflow-anchor", "auto")) {
      change();
      return;
    }
    const anchor = this.articles().find((post) => post.getBoundingClientRect().bottom > 0);
    const top = anchor?.getBoundingClientRect().top;
    change();
    if (anchor?.isConnected && scrollY > 0) scrollBy({ top: anchor.getBoundingClientRect().top - top, behavior: "instant" });
  }

  showButton() {
    const waiting = this.held.length + this.below.length;
    this.button.hidden = waiting === 0;
    this.button.textContent = words.below.replace("%s", number.format(waiting));
  }

  forgetSeen() {
    if (!this.below.length) return;
    this.below = this.below.filter((post) => post.getBoundingClientRect().top > innerHeight);
    this.showButton();
  }

  /** The reader wants to see what is new. */
  showNew() {
    const held = this.held;
    this.held = [];
    for (const post of held) this.insert(post, this.after(post) ?? undefined);
    const first = this.articles().find((post) => held.includes(post) || this.below.includes(post));
    first?.scrollIntoView({ block: "center" });
    first?.querySelector("a")?.focus({ preventScroll: true });
    this.below = this.below.filter((post) => post !== first && !held.includes(post));
    this.showButton();
  }

  /** Announce politely: not more than once in a while, and several new replies as a number. */
  say(text, reply = false) {
    if (!text) return;
    this.waiting = this.waiting && reply ? { replies: this.waiting.replies + 1, text } : { replies: reply ? 1 : 0, text };
    if (this.timer) return;
    this.speak();
    this.timer = setTimeout(() => {
      this.timer = null;
      if (this.waiting) this.speak();
    }, SAY_PAUSE);
  }

  speak() {
    const { replies, text } = this.waiting;
    this.says.textContent = replies > 1 ? words.replies.replace("%s", number.format(replies)) : text;
    this.waiting = null;
  }
}

/** The article of a fragment of ours (made and sanitised by the server). */
function parse(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content.querySelector("article");
}

/** What is the reader's own on a post (buttons, marks) is not in what sockets bring: it stays. */
function keepOwn(shown, fresh) {
  const actions = fresh.querySelector(".post-actions");
  if (actions) actions.append(...shown.querySelectorAll("[data-own]"));
}

/** Where in a post the focus is, so that it can be put there in the post that replaces it. */
function placeOf(post, focused) {
  if (!focused || !post.contains(focused)) return null;
  const address = focused.getAttribute("href");
  return address ? `[href="${CSS.escape(address)}"]` : focused.id ? `#${CSS.escape(focused.id)}` : "a";
}

function at(post, path) {
  return post.querySelector(path) ?? post.querySelector("a");
}
