// Who is here, and who is writing: told in a line of its own, never read out by itself.

import { words } from "./words.js";

const TYPING_SHOWN = 6000;
const TYPING_SAID = 4000;

export class Here {
  /** @param {(name: string, data: object) => void} say tells the server */
  constructor(discussion, say) {
    this.line = Object.assign(document.createElement("p"), { id: "live-here", className: "live-here meta" });
    this.line.innerHTML = '<span class="live-people"></span> <span class="live-typing"></span>';
    document.querySelector(".orders")?.prepend(this.line);
    this.writing = new Map();
    this.said = 0;
    this.discussion = discussion;
    this.say = say;
    document.getElementById("reply")?.addEventListener("input", () => this.typed());
  }

  /** The people and guests who are here (null: not known any more). */
  presence(data) {
    if (data && data.discussion !== this.discussion) return;
    const people = this.line.firstElementChild;
    people.replaceChildren();
    if (!data) return;
    const number = new Intl.NumberFormat(document.documentElement.lang);
    people.append(words.here.replace("%s", number.format(data.count)));
    if (data.people.length) people.append(" (", ...this.names(data.people), data.count > data.people.length ? ` ${words.others}` : "", ")");
    if (data.guests) people.append(` · ${words.guests.replace("%s", number.format(data.guests))}`);
  }

  names(people) {
    return people.flatMap((person, index) => {
      const link = document.createElement("a");
      link.href = `/people/${encodeURIComponent(person.handle)}`;
      const name = document.createElement("bdi");
      name.textContent = person.name;
      link.append(name);
      return index ? [", ", link] : [link];
    });
  }

  typing(data) {
    if (data.discussion !== this.discussion) return;
    clearTimeout(this.writing.get(data.name));
    this.writing.set(data.name, setTimeout(() => this.writing.delete(data.name) && this.show(), TYPING_SHOWN));
    this.show();
  }

  show() {
    const place = this.line?.querySelector(".live-typing");
    if (!place) return;
    const list = new Intl.ListFormat(document.documentElement.lang, { type: "unit" });
    place.textContent = this.writing.size ? words.typing.replace("%s", list.format(this.writing.keys())) : "";
  }

  typed() {
    if (Date.now() - this.said < TYPING_SAID) return;
    this.said = Date.now();
    this.say("typing", { discussion: this.discussion });
  }
}
