// While a title is written: discussions like it, so that one may join instead of opening another.

const place = document.querySelector("[data-similar]");
const title = place?.closest("form")?.elements.namedItem("title");
if (title) start();

function start() {
  let asked = null;
  let timer = 0;
  let last = title.value.trim();

  title.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 600);
  });

  async function ask() {
    const text = title.value.trim();
    if (text === last) return;
    last = text;
    asked?.abort();
    asked = new AbortController();
    try {
      const query = new URLSearchParams({ title: text, lang: document.documentElement.lang });
      const answer = await fetch(`/search/similar?${query}`, { signal: asked.signal });
      if (answer.ok && title.value.trim() === text) place.innerHTML = await answer.text();
    } catch {
      // What is written matters; the hint may be missing.
    }
  }
}
