
// Dates: the chosen one and the report's own side by side, all on request.
(() => {
  "use strict";
  const links = [...document.querySelectorAll(".strip a")];
  if (!links.length) return;
  const rows = new Map(links.map((link) => [link.hash, document.getElementById(link.hash.slice(1))]));
  const all = document.getElementById("all-dates");
  function choose(hash) {
    for (const [name, row] of rows) row.hidden = Boolean(hash) && name !== hash && !row.classList.contains("own");
    for (const link of links) {
      if (link.hash === hash) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    all.hidden = !hash || links.length < 3;
  }
  const named = () => {
    if (!rows.has(location.hash)) return;
    choose(location.hash);
    links[0].scrollIntoView({ block: "center" });
  };
  for (const link of links) link.addEventListener("click", (event) => {
    event.preventDefault();
    history.replaceState(null, "", link.hash);
    choose(link.hash);
  });
  all.firstElementChild.addEventListener("click", () => choose(""));
  addEventListener("hashchange", named);
  choose((links.find((link) => !link.classList.contains("own")) || links[0]).hash);
  named();
})();
