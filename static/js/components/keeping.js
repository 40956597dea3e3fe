// Pages one has read stay readable without a connection: a worker keeps them (static/worker.js), unless that is not wanted here.

import { sparing } from "./way.js";

const worker = navigator.serviceWorker;

async function begin() {
  if (sparing() || /(^|; )offline=off/.test(document.cookie)) {
    for (const one of await worker.getRegistrations()) one.unregister();
    for (const name of await caches.keys()) caches.delete(name);
    return;
  }
  await worker.register("/worker.js");
  (await worker.ready).active.postMessage({ who: document.getElementById("own")?.dataset.keep ?? "guest", shown: location.href });
}

if (worker) addEventListener("load", () => setTimeout(() => begin().catch(() => {}), 500));
