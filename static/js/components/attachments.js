// Files in a form of writing: chosen, pasted or dropped, they are sent at once, and the text refers to them where one was writing.
// Without this the button "Attach" does it, and the text gets its references at the end.

import { words } from "./words.js";

const escaped = (line) => line.replace(/[\\`*_{}[\]<>()#!|~]/g, "\\$&");
const picture = (key) => new RegExp(`!\\[((?:[^\\[\\]\\\\]|\\\\.)*)\\](?=\\(/attachments/${key}/)`, "g");

class Attaching {
  constructor(field) {
    this.field = field;
    this.form = field.closest("form");
    this.text = this.form.elements.body;
    this.input = field.querySelector("input[type=file]");
    this.says = field.querySelector(".attaching-says");
    this.waiting = Promise.resolve();
    field.querySelector("[name=attach]").remove();
    this.sending = 0;
    this.form.addEventListener("submit", (event) => this.hold(event), true);
    this.input.addEventListener("change", () => this.chosen());
    this.chosen(); // before this was here
    this.text.addEventListener("paste", (event) => this.fromElsewhere(event, event.clipboardData));
    for (const place of [this.text, field]) {
      place.addEventListener("dragover", (event) => this.over(event, true));
      place.addEventListener("dragleave", (event) => this.over(event, false));
      place.addEventListener("drop", (event) => {
        this.over(event, false);
        this.fromElsewhere(event, event.dataTransfer);
      });
    }
    for (const input of field.querySelectorAll("[data-alternative]")) {
      input.removeAttribute("name");
      field.querySelector(`[name="was-${input.dataset.alternative}"]`)?.remove();
      this.describe(input);
    }
  }

  chosen() {
    this.take(this.input.files);
    this.input.value = "";
  }

  over(event, inside) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.field.classList.toggle("attaching-over", inside);
  }

  /** Pasted text that comes with a picture of itself (from a text processor) stays text. */
  fromElsewhere(event, data) {
    if (!data?.files.length || (event.type === "paste" && data.types.includes("text/plain"))) return;
    event.preventDefault();
    this.take(data.files);
  }

  take(files) {
    for (const file of [...files]) {
      this.sending += 1;
      this.waiting = this.waiting.then(() => this.send(file)).finally(() => (this.sending -= 1));
    }
  }

  /** A text is sent after its files. */
  hold(event) {
    if (!this.sending) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter } = event;
    this.waiting.finally(() => this.form.requestSubmit(submitter));
  }

  async send(file) {
    const { most } = this.field.dataset;
    if (file.size > Number(most)) return this.tell(`${file.name}: ${words.file_too_large.replace("%(most)s", most / 1048576)}`);
    const progress = this.tell(words.file_sending.replace("%s", file.name), document.createElement("progress"));
    const { status, answer } = await upload(this.field.dataset.address, this.form.elements.csrf_token?.value, file, progress);
    if (status !== 201) return this.tell(answer.detail ? `${file.name}: ${answer.detail}` : words.file_failed.replace("%s", file.name));
    this.insert(answer.markdown);
    this.list(answer);
    this.tell(words.file_sent.replace("%s", answer.name));
  }

  /** A reference where one is writing, in a paragraph of its own. */
  insert(markdown) {
    const { text } = this;
    const before = text.value.slice(0, text.selectionStart);
    const after = text.value.slice(text.selectionEnd);
    const start = before ? "\n\n".slice(/\n{0,2}$/.exec(before)[0].length) : "";
    const end = after.startsWith("\n") ? "" : "\n";
    text.setRangeText(start + markdown + end, text.selectionStart, text.selectionEnd, "end");
    this.changed();
  }

  changed() {
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** The file in the list below the text; a picture asks what it shows. */
  list({ key, name, facts, picture: shown }) {
    if (this.field.querySelector(`[data-key="${key}"]`)) return;
    let files = this.field.querySelector(".attached");
    if (!files) {
      files = make("ul", "attached");
      this.field.querySelector("legend").after(files);
    }
    const entry = make("li");
    entry.dataset.key = key;
    const about = make("div");
    const line = make("p");
    line.append(make("bdi", "", name), " ", make("span", "meta", `(${facts})`));
    about.append(line);
    if (shown) {
      const small = Object.assign(make("img"), { src: `/attachments/${key}/thumbnail`, alt: "", width: 64, height: 64 });
      const label = make("label", "", words.file_alternative);
      const input = Object.assign(make("input"), { type: "text", id: `alt-${key}`, maxLength: 500, dir: "auto" });
      input.dataset.alternative = key;
      label.htmlFor = input.id;
      about.append(label, input);
      entry.append(small);
      this.describe(input);
    }
    entry.append(about);
    files.append(entry);
  }

  /** What is written about a picture stands in the text. */
  describe(input) {
    input.addEventListener("input", () => {
      const label = `![${escaped(input.value.replace(/\s+/g, " ").trim())}]`;
      const { selectionStart, selectionEnd } = this.text;
      this.text.value = this.text.value.replace(picture(input.dataset.alternative), () => label);
      this.text.setSelectionRange(selectionStart, selectionEnd);
      this.changed();
    });
  }

  tell(said, more = "") {
    this.says.replaceChildren(said, more);
    return more;
  }
}

function make(tag, className = "", said = "") {
  const element = Object.assign(document.createElement(tag), { textContent: said });
  if (className) element.className = className;
  return element;
}

/** Send a file; fetch cannot say how far it is. */
function upload(address, token, file, progress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("file", file, file.name || "picture");
    request.open("POST", `${address}?lang=${document.documentElement.lang}`);
    request.responseType = "json";
    if (token) request.setRequestHeader("X-CSRFToken", token);
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) progress.value = event.loaded / event.total;
    });
    request.addEventListener("loadend", () => resolve({ status: request.status, answer: request.response ?? {} }));
    request.send(body);
  });
}

for (const field of document.querySelectorAll("[data-attaching]")) new Attaching(field);
