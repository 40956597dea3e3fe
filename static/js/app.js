// Small comforts for every page. Everything works without them.

/** Menus close when one presses Escape or looks elsewhere. */
const openMenus = () => document.querySelectorAll("details.menu[open]");

addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});

addEventListener("click", (event) => {
  for (const menu of openMenus()) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// Signing out: what was kept on this device for want of a connection is nobody else's.
addEventListener("submit", (event) => {
  if (!event.target.matches('form[action="/sign-out"]')) return;
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith("alliance.draft.")) localStorage.removeItem(key);
  }
});

// A rejected form: begin with what is wrong.
document.querySelector(".error-summary")?.focus();
