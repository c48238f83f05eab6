(() => {
  "use strict";
  const $ = (name) => document.getElementById(name);
  const root = document.documentElement;
  const total = JSON.parse($("data").textContent).findings;

  // Colours: as the system says, or light, or dark, for as long as the page is open.
  const themes = ["automatic", "light", "dark"];
  const theme = $("theme");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const next = themes[(themes.indexOf(root.dataset.theme || "automatic") + 1) % 3];
    root.dataset.theme = next;
    theme.textContent = `Colours: ${next}`;
  });

  // What is looked for, kept in the address behind the anchor.
  const state = { q: "", severity: "", why: "" };
  const groups = [...document.querySelectorAll(".by-rule")].map((box) => ({
    box, title: box.firstElementChild.textContent.toLowerCase(),
    items: [...box.querySelectorAll("li")].map((item) => ({ item, text: "" })),
  }));
  const selects = [...document.querySelectorAll("[data-filter]")];
  function apply() {
    const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const group of groups) {
      let here = 0;
      for (const one of group.items) {
        const { severity, why } = one.item.dataset;
        let is = (!state.severity || severity === state.severity) && (!state.why || why === state.why);
        if (is && words.length) {
          one.text ||= `${group.title} ${one.item.textContent.toLowerCase()}`;
          is = words.every((word) => one.text.includes(word));
        }
        one.item.hidden = !is;
        here += is;
      }
      group.box.hidden = !here;
      if (group.box.matches("details") && words.length) group.box.open = here > 0 && here <= 20;
      shown += here;
    }
    $("found").textContent = `${shown.toLocaleString("en")} of ${total.toLocaleString("en")} findings`;
    for (const select of selects) select.value = state[select.dataset.filter];
    if ($("search").value !== state.q) $("search").value = state.q;
  }
  function save() {
    const query = new URLSearchParams();
    for (const name of Object.keys(state)) if (state[name]) query.set(name, state[name]);
    const tail = query.toString();
    history.replaceState(null, "", `#${tail ? `?${tail}` : ""}`);
  }
  for (const select of selects) {
    select.addEventListener("change", () => { state[select.dataset.filter] = select.value; apply(); save(); });
  }
  let typing = 0;
  $("search").addEventListener("input", () => {
    state.q = $("search").value;
    clearTimeout(typing);
    typing = setTimeout(() => { apply(); save(); }, 80);
  });
  $("clear").addEventListener("click", () => {
    for (const name of Object.keys(state)) state[name] = "";
    apply();
    save();
  });
  function go() {
    const [anchor, query] = location.hash.slice(1).split("?");
    if (query !== undefined) {
      const wanted = new URLSearchParams(query);
      for (const name of Object.keys(state)) state[name] = wanted.get(name) || "";
      apply();
    }
    const target = anchor && $(anchor);
    if (!target) return;
    for (let at = target; at; at = at.parentElement) if (at.matches("details")) at.open = true;
    target.scrollIntoView();
  }
  addEventListener("hashchange", go);

  // Paper gets all of it, in order.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const fold of closed) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of closed) fold.open = false;
  });

  $("explore").hidden = false;
  apply();
  if (location.hash) go();
})();
