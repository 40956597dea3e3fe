// Thanks and positions in place: a form is sent without leaving the page. Without this, the same form leads back to the post.

addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-signal]");
  if (!form || event.defaultPrevented) return;
  event.preventDefault();
  send(form, event.submitter);
});

async function send(form, submitter) {
  const body = new FormData(form, submitter);
  try {
    const answer = await fetch(`${form.action}?lang=${document.documentElement.lang}`, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) throw new Error(answer.status);
    show(form.closest("article"), await answer.json(), submitter);
  } catch {
    // The page that answers says what is wrong.
    delete form.dataset.signal;
    form.requestSubmit(submitter);
  }
}

/** Put the two pieces that changed in their places; the button pressed keeps the focus. */
function show(post, { line, own }, submitter) {
  const actions = post.querySelector(".post-actions");
  post.querySelector("[data-signals]")?.remove();
  actions.insertAdjacentHTML("beforebegin", line);
  post.querySelector(".signals-own").outerHTML = own;
  const again = submitter.name === "thanks" ? "button[name=thanks]" : "summary";
  post.querySelector(`.signals-own ${again}`)?.focus({ preventScroll: true });
}
