// What scripts say, in the language of the page: the file a module is joined to begins with it (alliance/web/scripts.py).

export const words = new Proxy(WORDS, { get: (all, name) => all[name] ?? "" });
