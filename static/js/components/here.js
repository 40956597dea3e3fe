// Who is here, and who is writing: told in a line of its own, never read out by itself.

const TYPING_SHOWN = 6000;
const TYPING_SAID = 4000;

export class Here {
  /** @param {(name: string, data: object) => void} say tells the server */
  constructor(discussion, say) {
    this.line = document.getElementById("live-here");
    this.writing = new Map();
    this.said = 0;
    this.discussion = discussion;
    this.say = say;
    document.getElementById("reply")?.addEventListener("input", () => this.typed());
  }

  /** The people and guests who are here (null: not known any more). */
  presence(data) {
    if (!this.line || (data && data.discussion !== this.discussion)) return;
    const people = this.line.firstElementChild;
    const { sayHere, sayGuests, sayMore } = this.line.dataset;
    people.replaceChildren();
    if (!data) return;
    const number = new Intl.NumberFormat(document.documentElement.lang);
    people.append(sayHere.replace("%s", number.format(data.count)));
    if (data.people.length) people.append(" (", ...this.names(data.people), data.count > data.people.length ? ` ${sayMore}` : "", ")");
    if (data.guests) people.append(` · ${sayGuests.replace("%s", number.format(data.guests))}`);
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
    place.textContent = this.writing.size ? place.dataset.say.replace("%s", list.format(this.writing.keys())) : "";
  }

  typed() {
    if (Date.now() - this.said < TYPING_SAID) return;
    this.said = Date.now();
    this.say("typing", { discussion: this.discussion });
  }
}
