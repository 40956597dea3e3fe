// How this device wants to hear of news.

/** Whether the device asks to be spared what is not needed. */
export const sparing = () => navigator.connection?.saveData === true;

/** "socket", "poll" or "off": what was chosen here; nothing where the device asks to be spared. */
export function way() {
  const chosen = document.cookie.match(/(?:^|; )live=(\w+)/)?.[1];
  if (chosen === "off" || chosen === "poll") return chosen;
  return sparing() ? "off" : "socket";
}
