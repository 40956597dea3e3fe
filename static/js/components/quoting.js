// Quote what one has selected in a post, in place. Without this, the link "Quote" leads to a form that quotes the whole.

import { words } from "./words.js";

const line = document.querySelector("[data-writing]");
const form = line?.closest("form");
if (form?.elements.namedItem("quotes")) start(words.quote);

function start(label) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quote-selection button button-small";
  button.textContent = label;
  button.hidden = true;
  document.body.append(button);
  let timer = 0;

  document.addEventListener("selectionchange", () => {
    clearTimeout(timer);
    timer = setTimeout(offer, 200);
  });
  addEventListener("scroll", () => button.hidden || offer(), { passive: true });
  button.addEventListener("pointerdown", (event) => event.preventDefault());
  button.addEventListener("click", () => quote(chosen()));
  document.addEventListener("click", (event) => {
    const link = event.target.closest('.post-actions a[href*="quote=1"]');
    const made = link && chosen();
    if (!made || made.post !== link.closest("article")) return;
    event.preventDefault();
    quote(made);
  });

  /** What is selected inside the text of one post. */
  function chosen() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    const within = range.commonAncestorContainer;
    const body = (within.nodeType === Node.ELEMENT_NODE ? within : within.parentElement)?.closest(".post-body");
    if (!body || !selection.toString().trim()) return null;
    const before = document.createRange();
    before.setStart(body, 0);
    before.setEnd(range.startContainer, range.startOffset);
    return { post: body.closest("article"), text: selection.toString(), near: before.toString().length / (body.textContent.length || 1), box: range.getBoundingClientRect() };
  }

  function offer() {
    const made = chosen();
    button.hidden = !made || made.box.bottom < 0 || made.box.top > innerHeight;
    if (button.hidden) return;
    button.style.insetBlockStart = `${Math.max(8, made.box.top - 40)}px`;
    button.style.left = `${Math.max(8, Math.min(made.box.left, innerWidth - button.offsetWidth - 8))}px`;
  }

  async function quote(made) {
    if (!made) return;
    button.hidden = true;
    const field = (name) => form.elements.namedItem(name);
    const body = new FormData();
    body.set("csrf_token", field("csrf_token").value);
    body.set("text", made.text);
    body.set("near", made.near);
    const answer = await fetch(`/p/${made.post.id.slice(1)}/quote`, { method: "POST", body }).catch(() => null);
    if (!answer?.ok) {
      location.assign(`/p/${made.post.id.slice(1)}/quote`);
      return;
    }
    insert(await answer.json(), field);
  }

  function insert(made, field) {
    const text = field("body");
    if (!text.value.trim()) {
      field("parent_id").value = made.parent;
      document.getElementById("reply-title").textContent = made.heading;
    }
    text.value = text.value.trim() ? `${text.value.trimEnd()}\n\n${made.markdown}` : made.markdown;
    field("quotes").value = `${field("quotes").value} ${made.reference}`.trim();
    text.focus();
    text.setSelectionRange(text.value.length, text.value.length);
    text.scrollIntoView({ block: "center" });
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
