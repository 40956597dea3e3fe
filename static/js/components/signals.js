// Thanks and positions in place: a form is sent without leaving the page. Without this, the same form leads back to the post.

const own = document.getElementById("own");
let plain = null; // a button whose page is to answer

own?.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button?.closest(".signals-own") || button === plain || event.defaultPrevented) return;
  event.preventDefault();
  send(button);
});

async function send(button) {
  const body = new FormData(own, button);
  try {
    const answer = await fetch(`${button.formAction}?lang=${document.documentElement.lang}`, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) throw new Error(answer.status);
    show(button.closest("article"), await answer.json(), button);
  } catch {
    // The page that answers says what is wrong.
    plain = button;
    own.requestSubmit(button);
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
