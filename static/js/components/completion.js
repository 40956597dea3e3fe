// Names while one types: after @ people, after # spaces, with how many people it notifies.

import { words } from "./words.js";

const line = document.querySelector("[data-writing]");
const text = line?.closest("form")?.elements.namedItem("body");
if (text) start(text);

function start(area) {
  const list = document.createElement("ul");
  list.className = "completion";
  list.id = `${area.id}-names`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", words.suggestions);
  list.hidden = true;
  area.after(list);
  area.setAttribute("aria-autocomplete", "list");
  area.setAttribute("aria-haspopup", "listbox");
  area.setAttribute("aria-controls", list.id);
  let asked = null;
  let timer = 0;
  let active = -1;
  let said = "";

  area.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (event.isComposing || !begun()) close();
    else timer = setTimeout(ask, 150);
  });
  area.addEventListener("blur", () => setTimeout(close, 150));
  area.addEventListener("keydown", key, { capture: true });
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => choose(options().indexOf(event.target.closest("[role=option]"))));

  const options = () => [...list.children];

  /** The name begun before the cursor. */
  function begun() {
    if (area.selectionStart !== area.selectionEnd) return null;
    return /(?:^|[\s(\p{Ps}])([@#][\p{L}\p{N}-]{0,40})$/u.exec(area.value.slice(Math.max(0, area.selectionStart - 60), area.selectionStart))?.[1] ?? null;
  }

  async function ask() {
    const name = begun();
    if (!name) return;
    asked?.abort();
    asked = new AbortController();
    const query = new URLSearchParams({ q: name, place: line.dataset.place, lang: document.documentElement.lang });
    try {
      const answer = await fetch(`/complete?${query}`, { signal: asked.signal });
      if (answer.ok && begun() === name) show((await answer.json()).items);
    } catch {
      close();
    }
  }

  function show(items) {
    list.replaceChildren(...items.map(option));
    list.hidden = !items.length;
    point(items.length ? 0 : -1);
    said = items.length ? words.found.replace("%s", new Intl.NumberFormat(document.documentElement.lang).format(items.length)) : "";
    line.textContent = said;
  }

  function option(item, index) {
    const made = document.createElement("li");
    made.id = `${list.id}-${index}`;
    made.setAttribute("role", "option");
    made.dataset.insert = item.insert;
    const parts = [["bdi", item.insert], ["bdi", item.label], ["span", item.detail], ["span", item.reach]];
    for (const [name, value] of parts.filter(([, given]) => given)) {
      const part = document.createElement(name);
      part.textContent = value;
      made.append(part, " ");
    }
    return made;
  }

  function point(index) {
    active = index;
    options().forEach((one, number) => one.setAttribute("aria-selected", String(number === index)));
    const one = options()[index];
    if (one) area.setAttribute("aria-activedescendant", one.id);
    else area.removeAttribute("aria-activedescendant");
    one?.scrollIntoView({ block: "nearest" });
  }

  function key(event) {
    if (list.hidden || event.isComposing || event.ctrlKey || event.metaKey) return;
    const count = options().length;
    const acts = {
      ArrowDown: () => point((active + 1) % count),
      ArrowUp: () => point((active + count - 1) % count),
      Enter: () => choose(active),
      Tab: () => choose(active),
      Escape: close,
    };
    if (!(event.key in acts)) return;
    event.preventDefault();
    event.stopPropagation();
    acts[event.key]();
  }

  function choose(index) {
    const insert = options()[index]?.dataset.insert;
    const name = begun();
    close();
    if (!insert || !name) return;
    area.setSelectionRange(area.selectionStart - name.length, area.selectionStart);
    if (!document.execCommand("insertText", false, `${insert} `)) {
      area.setRangeText(`${insert} `, area.selectionStart, area.selectionEnd, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  function close() {
    clearTimeout(timer);
    list.hidden = true;
    list.replaceChildren();
    point(-1);
    if (said && line.textContent === said) line.textContent = "";
  }
}
