// Buttons that write Markdown, above the text of a form of writing, and their keys (Ctrl+B, I, K).

import { words } from "./words.js";

const line = document.querySelector("[data-writing]");
const text = line?.closest("form")?.elements.namedItem("body");
if (text) start(text);

function start(area) {
  const kinds = [
    { name: "bold", label: words.bold, key: "b", act: () => wrap("**") },
    { name: "italic", label: words.italic, key: "i", act: () => wrap("*") },
    { name: "quote", label: words.quotation, act: () => begin("> ") },
    { name: "list", label: words.list, act: () => begin("- ") },
    { name: "link", label: words.link, key: "k", act: link },
    { name: "code", label: words.code, act: code },
  ];
  const bar = document.createElement("div");
  bar.className = "toolbar";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", words.toolbar);
  bar.setAttribute("aria-controls", area.id);
  const buttons = kinds.map((kind, index) => button(kind, index));
  bar.append(...buttons);
  area.before(bar);

  bar.addEventListener("keydown", move);
  area.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.isComposing) return;
    const kind = kinds.find((one) => one.key === event.key.toLowerCase());
    if (!kind) return;
    event.preventDefault();
    kind.act();
  });

  function button(kind, index) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = `toolbar-${kind.name}`;
    made.textContent = kind.label;
    made.tabIndex = index ? -1 : 0;
    if (kind.key) {
      made.title = `Ctrl+${kind.key.toUpperCase()}`;
      made.setAttribute("aria-keyshortcuts", `Control+${kind.key.toUpperCase()}`);
    }
    made.addEventListener("click", () => {
      point(made);
      area.focus();
      kind.act();
    });
    return made;
  }

  /** One button of the bar can be reached with Tab, the others from there with the arrows. */
  function move(event) {
    const here = buttons.indexOf(document.activeElement);
    const forward = getComputedStyle(bar).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const backward = forward === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
    const steps = { [forward]: here + 1, [backward]: here - 1, Home: 0, End: -1 };
    if (here < 0 || !(event.key in steps)) return;
    event.preventDefault();
    const next = buttons.at(steps[event.key] % buttons.length);
    point(next);
    next.focus();
  }

  function point(one) {
    for (const other of buttons) other.tabIndex = other === one ? 0 : -1;
  }

  const chosen = () => area.value.slice(area.selectionStart, area.selectionEnd);

  function wrap(mark) {
    const inside = chosen();
    const [start, end] = [area.selectionStart, area.selectionEnd];
    if (area.value.slice(start - mark.length, start) === mark && area.value.slice(end, end + mark.length) === mark) {
      area.setSelectionRange(start - mark.length, end + mark.length);
      put(inside, 0, inside.length);
    } else {
      put(`${mark}${inside}${mark}`, mark.length, mark.length + inside.length);
    }
  }

  function begin(mark) {
    const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    const next = area.value.indexOf("\n", area.selectionEnd);
    area.setSelectionRange(start, next < 0 ? area.value.length : next);
    const lines = chosen().split("\n");
    const off = lines.every((line) => line.startsWith(mark));
    put(lines.map((line) => (off ? line.slice(mark.length) : mark + line)).join("\n"));
  }

  function link() {
    const inside = chosen();
    if (/^https?:\/\/\S+$/.test(inside)) put(`[](${inside})`, 1, 1);
    else put(`[${inside}](https://)`, inside.length + 3, inside.length + 11);
  }

  function code() {
    const inside = chosen();
    if (inside.includes("\n")) put(`\`\`\`\n${inside}\n\`\`\`\n`);
    else wrap("`");
  }

  /** Replace what is selected, so that Ctrl+Z takes it back, and select a part of it. */
  function put(value, from = value.length, to = from) {
    const start = area.selectionStart;
    if (!document.execCommand("insertText", false, value)) {
      area.setRangeText(value);
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
    area.setSelectionRange(start + from, start + to);
  }
}
