// What a page wants beyond reading is fetched when it can be read: only where there is something to do with it, and, on a device that
// asks to be spared, only when somebody begins to.

import { sparing, way } from "./components/way.js";

const fetched = (name) => import(FILES[name]);

/** Now, or with the first sign of somebody who means it. */
function when(places, name) {
  if (!document.querySelector(places)) return;
  if (!sparing()) {
    fetched(name);
    return;
  }
  const begin = ({ target }) => {
    if (!target.closest(places) && !target.closest("main form")?.querySelector(places)) return;
    for (const sign of ["focusin", "pointerdown"]) removeEventListener(sign, begin);
    fetched(name);
  };
  for (const sign of ["focusin", "pointerdown"]) addEventListener(sign, begin);
}

when("[data-writing], [data-similar], [data-attaching], .signals-own", "writing");
when("[data-queue], [data-suggestions]", "tools");
when("[data-kept]", "offline");

// News come last of all, when whatever belongs to the page is there.
if (way() !== "off" && document.querySelector("#posts, .count[data-unread]")) {
  const hear = () => fetched(way() === "poll" ? "polling" : "socket");
  if (document.readyState === "complete") hear();
  else addEventListener("load", hear, { once: true });
}
