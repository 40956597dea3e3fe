// Where posts stand in the tree: their paths. The page leaves out those that follow from the post answered and the number.

const segment = (number) => {
  const digits = number.toString(36);
  return `${digits.length}${digits}`;
};

export const numberOf = (post) => Number(post.querySelector(".post-head a").textContent.slice(1));

export function pathOf(post) {
  if (post.dataset.path === undefined) {
    const parent = post.querySelector(":scope > .post-meta > .post-parent")?.getAttribute("href").slice(3);
    const above = parent ? document.getElementById(`p${parent}`) : null;
    post.dataset.path = (above ? pathOf(above) : "") + segment(numberOf(post));
  }
  return post.dataset.path;
}

for (const post of document.querySelectorAll("#posts > article")) pathOf(post);
