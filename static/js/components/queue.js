// The review queue by keys: j and k go down and up, Enter opens, x chooses. Without script, Tab does the same.
const cards = () => [...document.querySelectorAll("[data-queue] > .card")];
const link = (card) => card.querySelector("a");

function move(step) {
  const all = cards();
  const here = all.findIndex((card) => card.contains(document.activeElement));
  const next = all[here < 0 ? 0 : Math.min(all.length - 1, Math.max(0, here + step))];
  if (next) {
    link(next)?.focus();
    next.scrollIntoView({ block: "nearest" });
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "x") {
    const box = document.activeElement.closest(".card")?.querySelector("input[type=checkbox]");
    if (!box) return;
    box.checked = !box.checked;
  } else return;
  event.preventDefault();
});
