// How news reach this page: over a socket; or, where none can be held (filters, proxies, metered links, by choice), by asking
// from time to time, less and less often while nothing happens.

const SOONEST = 15_000;
const LATEST = 120_000;
const EVENTS = ["post.published", "post.edited", "post.withdrawn", "discussion.changed"];
// Attempts of a socket that fail before the page begins to ask.
const PATIENCE = 2;

/**
 * Begin to hear.
 * @param {object} page what is told: `wish()` (discussion, since, lang, or null), `take(name, data)`, `missed(answer)`, `unread(count)`,
 *     `presence(data)`, `typing(data)`, `hears(how)` with "on" (socket), "poll" or "off"
 * @param {object|null} socket a line to the server (`Line`); null: ask
 * @returns {{say: (name: string, data: object) => void}} for what only a socket can tell (typing)
 */
export function connect(page, socket) {
  const poll = new Poll(page);
  if (!socket) {
    poll.start();
    return { say: () => {} };
  }
  let failures = 0;
  const lost = () => {
    page.hears("off");
    page.presence(null);
  };
  socket.on("connect", () => {
    failures = 0;
    const wish = page.wish();
    if (!wish) return poll.stop();
    socket.emit("subscribe", wish, (answer) => {
      if (!answer.ok) return poll.start();
      poll.stop();
      page.missed(answer);
      page.hears("on");
    });
  });
  socket.on("connect_error", (tries) => {
    failures += 1;
    if (failures >= PATIENCE) poll.start();
    // The server answered "no" (too full, suspended): ask again later, by hand.
    if (!tries) setTimeout(() => socket.connect(), LATEST);
  });
  socket.on("disconnect", (reason) => {
    lost();
    // The server ended it (signed out, rights changed): come back as who one is now, not all at once.
    if (reason === "io server disconnect") setTimeout(() => socket.connect(), 1000 + Math.random() * 4000);
  });
  socket.on("unsubscribed", lost);
  addEventListener("offline", lost);
  for (const name of EVENTS) socket.on(name, (data) => page.take(name, data));
  socket.on("notification", (data) => page.unread(data.unread));
  socket.on("presence", (data) => page.presence(data));
  socket.on("typing", (data) => page.typing(data));
  return { say: (name, data) => socket.connected && socket.emit(name, data) };
}

/** Asks for news, from every 15 seconds to every two minutes, and only while the page is looked at. */
class Poll {
  constructor(page) {
    this.page = page;
    this.on = false;
    this.wait = SOONEST;
    this.tag = null;
    addEventListener("visibilitychange", () => this.on && !document.hidden && this.later(0));
    addEventListener("online", () => this.on && this.later(0));
  }

  start() {
    if (this.on) return;
    this.on = true;
    this.wait = SOONEST;
    this.page.hears("poll");
    this.later(SOONEST);
  }

  stop() {
    this.on = false;
    clearTimeout(this.timer);
  }

  later(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), wait);
  }

  async ask() {
    if (!this.on || document.hidden) return;
    let seconds = 0;
    try {
      const wish = this.page.wish();
      const query = new URLSearchParams(wish ? { discussion: wish.discussion, after: wish.since, lang: wish.lang } : {});
      const answer = await fetch(`/news?${query}`, { headers: this.tag ? { "If-None-Match": this.tag } : {}, cache: "no-store" });
      seconds = Number(answer.headers.get("Retry-After")) || 0;
      if (answer.status === 404) return this.stop();
      this.wait = answer.ok && this.took(answer, await answer.json()) ? SOONEST : Math.min(this.wait * 1.5, LATEST);
    } catch {
      this.wait = Math.min(this.wait * 1.5, LATEST);
    }
    if (this.on) this.later(Math.max(this.wait, seconds * 1000));
  }

  /** Hand on what came; whether there was anything. */
  took(answer, told) {
    this.tag = answer.headers.get("ETag");
    if (told.unread !== null) this.page.unread(told.unread);
    if (this.page.wish()) this.page.missed(told);
    return told.missed.length > 0;
  }
}
