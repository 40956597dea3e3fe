// Names while one types a search: titles, people, organizations, spaces. Off for whoever switches it off on this device.

const KEY = "search-suggestions";
const field = document.querySelector("#search-q");
const choice = document.querySelector("[data-suggestions]");
if (field && choice) start();

function start() {
  const list = document.createElement("datalist");
  list.id = "search-names";
  field.after(list);
  choice.hidden = false;
  const box = choice.querySelector("input");
  box.checked = localStorage.getItem(KEY) !== "off";
  let asked = null;
  let timer = 0;
  turn();

  box.addEventListener("change", () => {
    localStorage.setItem(KEY, box.checked ? "on" : "off");
    turn();
  });
  field.addEventListener("input", () => {
    clearTimeout(timer);
    if (box.checked) timer = setTimeout(ask, 200);
  });

  function turn() {
    list.replaceChildren();
    if (box.checked) field.setAttribute("list", list.id);
    else field.removeAttribute("list");
  }

  async function ask() {
    const text = field.value;
    if (text.trim().length < 2 || [...list.children].some((one) => one.value === text)) return;
    asked?.abort();
    asked = new AbortController();
    try {
      const query = new URLSearchParams({ q: text, lang: document.documentElement.lang });
      const answer = await fetch(`/search/suggestions?${query}`, { signal: asked.signal });
      if (!answer.ok || field.value !== text) return;
      const { items } = await answer.json();
      list.replaceChildren(...items.map(({ text: name, kind }) => Object.assign(document.createElement("option"), { value: name, label: `${name} (${kind})` })));
    } catch {
      // Searching needs no suggestions.
    }
  }
}
