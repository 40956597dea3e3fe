// What scripts say, in the language of the page: one file for all pages. Without it, nothing is said, and all else works.

const { lang } = document.documentElement;
const found = await import(`/words/${lang}.js`).then((module) => module.default, () => ({}));

export const words = new Proxy(found, { get: (all, name) => all[name] ?? "" });
