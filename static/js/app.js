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

/** "3 hours ago" in place of a date, which stays as the title. */
const steps = [[60, "second"], [60, "minute"], [24, "hour"], [7, "day"], [4.35, "week"], [12, "month"], [Infinity, "year"]];
const ago = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });

function tell(time) {
  let distance = (Date.parse(time.dateTime) - Date.now()) / 1000;
  if (Number.isNaN(distance)) return;
  time.title ||= time.textContent;
  for (const [size, unit] of steps) {
    if (Math.abs(distance) < size) {
      time.textContent = ago.format(Math.round(Math.min(distance, 0)), unit);
      return;
    }
    distance /= size;
  }
}

// Moments to be kept to are shown in the reader's own time zone, which is named.
const zoned = new Intl.DateTimeFormat(document.documentElement.lang, { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
for (const time of document.querySelectorAll("time[data-zoned]")) {
  const moment = Date.parse(time.dateTime);
  if (Number.isNaN(moment)) continue;
  time.title = time.textContent;
  time.textContent = zoned.format(moment);
}

const tellAll = (root) => root.querySelectorAll("main time[datetime]:not([data-full])").forEach(tell);
tellAll(document);
setInterval(() => document.hidden || tellAll(document), 60_000);
const posts = document.getElementById("posts");
if (posts) new MutationObserver(() => tellAll(document)).observe(posts, { childList: true });
