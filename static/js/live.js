// News of a discussion, brought by a socket. Everything here only improves: the page is complete without it.
//
// The page says where it stands (data-cursor); the server tells what happened behind that cursor, once and in order.
// A new post is put where it belongs in the tree without moving what one reads; posts below are announced by a button.

const section = document.getElementById("posts");
if (section && !saysNo()) {
  start();
}

/** Whether the reader, or the reader's link, asked to be spared. */
function saysNo() {
  const link = navigator.connection;
  return Boolean(link && link.saveData);
}

async function start() {
  if (document.readyState !== "complete") {
    await new Promise((done) => addEventListener("load", done, { once: true }));
  }
  const { io } = await import(section.dataset.client);
  const live = new Live(section);
  const socket = io({ transports: ["websocket", "polling"], reconnectionDelayMax: 30000 });
  socket.on("connect", () => live.subscribe(socket));
  socket.on("disconnect", () => live.hears(false));
  addEventListener("offline", () => live.hears(false));
  for (const name of ["post.published", "post.edited", "post.withdrawn", "discussion.changed"]) {
    socket.on(name, (data) => live.take(name, data));
  }
  socket.on("notification", (data) => showUnread(data.unread));
}

/** The header's count of unread notifications. */
function showUnread(count) {
  for (const mark of document.querySelectorAll("[data-unread]")) {
    mark.textContent = count > 99 ? "99+" : count ? new Intl.NumberFormat(document.documentElement.lang).format(count) : "";
    mark.hidden = !count;
  }
}

class Live {
  constructor(root) {
    this.root = root;
    this.discussion = Number(root.dataset.discussion);
    this.cursor = Number(root.dataset.cursor);
    this.below = [];
    this.button = document.getElementById("live-below");
    this.says = document.getElementById("live-says");
    this.button?.addEventListener("click", () => this.goToFirstBelow());
    addEventListener("scroll", () => this.forgetSeen(), { passive: true });
  }

  subscribe(socket) {
    const wish = { discussion: this.discussion, since: this.cursor, lang: document.documentElement.lang };
    socket.emit("subscribe", wish, (answer) => {
      if (!answer.ok) return;
      for (const missed of answer.missed) this.take(missed.event, missed);
      if (answer.reload) this.say(this.root.dataset.sayReload);
      this.cursor = Math.max(this.cursor, answer.cursor);
      this.hears(true);
    });
  }

  /** Whether news arrive at the moment (for the style sheet, and for tests). */
  hears(yes) {
    this.root.dataset.live = yes ? "on" : "off";
  }

  /** One piece of news; what was told before (after a lost connection) is passed over. */
  take(name, data) {
    if (data.discussion !== this.discussion || data.cursor <= this.cursor) return;
    this.cursor = data.cursor;
    if (name === "discussion.changed") this.say(this.root.dataset.sayChanged);
    else if (name === "post.published") this.publish(data);
    else this.replace(data);
  }

  publish(data) {
    if (document.getElementById(`p${data.id}`)) return;
    const post = parse(data.html);
    const order = this.root.dataset.order;
    // By time, what is new is last. In turns, its place depends on what other pages hold.
    const next = order === "time" ? undefined : this.articles().find((other) => before(post.dataset.path, other.dataset.path));
    const elsewhere = order === "balanced" || (next ? next === this.articles()[0] && this.root.dataset.first !== "true" : this.root.dataset.last !== "true");
    if (elsewhere) {
      this.say(this.root.dataset.sayElsewhere);
      return;
    }
    this.keepingPlace(() => {
      if (next) next.before(post);
      else this.articles().at(-1)?.after(post) ?? this.root.append(post);
    });
    post.classList.add("is-new");
    if (post.getBoundingClientRect().top > innerHeight) this.below.push(post);
    this.showBelow();
    this.say(this.root.dataset.sayNew.replace("%s", post.querySelector(".author-name")?.textContent ?? ""));
  }

  /** Put a post's present state in the place of the one shown. */
  replace(data) {
    const shown = document.getElementById(`p${data.id}`);
    if (!shown || !data.html) return;
    const focused = shown.contains(document.activeElement) ? document.activeElement : null;
    const fresh = parse(data.html);
    keepOwn(shown, fresh);
    this.keepingPlace(() => shown.replaceWith(fresh));
    if (focused?.isConnected) focused.focus({ preventScroll: true });
  }

  articles() {
    return [...this.root.querySelectorAll("article[data-path]")];
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

  showBelow() {
    if (!this.button) return;
    this.button.hidden = this.below.length === 0;
    const count = new Intl.NumberFormat(document.documentElement.lang).format(this.below.length);
    this.button.textContent = this.root.dataset.sayBelow.replace("%s", count);
  }

  forgetSeen() {
    if (!this.below.length) return;
    this.below = this.below.filter((post) => post.getBoundingClientRect().top > innerHeight);
    this.showBelow();
  }

  goToFirstBelow() {
    const post = this.below[0];
    post?.scrollIntoView({ block: "center" });
    post?.querySelector("a")?.focus({ preventScroll: true });
  }

  say(text) {
    if (this.says && text) this.says.textContent = text;
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

/** Whether one place in the tree comes before another: paths are ASCII, so code units sort as bytes do. */
function before(one, other) {
  return one < other;
}
