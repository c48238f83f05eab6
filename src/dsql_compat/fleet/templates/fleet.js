(() => {
  "use strict";
  const $ = (name) => document.getElementById(name);
  const root = document.documentElement;
  const data = JSON.parse($("data").textContent);

  // Colours: as the system says, or light, or dark, for as long as the page is open.
  const themes = ["automatic", "light", "dark"];
  const theme = $("theme");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const next = themes[(themes.indexOf(root.dataset.theme || "automatic") + 1) % 3];
    root.dataset.theme = next;
    theme.textContent = `Colours: ${next}`;
  });

  const titles = new Map(data.rules);
  const schemas = data.schemas.map(([anchor, name, status, target, hours, errors, objects, decisions, cells], place) => ({
    anchor, name, status, target, hours, errors, objects, decisions, place, article: $(anchor), text: "",
    cells: new Map(cells.map(([rule, findings, refused, need]) => [data.rules[rule][0], [findings, refused, data.dispositions[need]]])),
  }));
  const where = new Map(schemas.map((schema) => [schema.anchor, schema]));

  // What is looked for, kept in the address behind the anchor.
  const filters = ["status", "rule", "target"];
  const state = { q: "", sort: "work", chosen: "" };
  for (const name of filters) state[name] = "";
  const by = (key) => (a, b) => key(b) - key(a) || a.place - b.place;
  const orders = {
    work: (a, b) => a.place - b.place,
    little: (a, b) => b.place - a.place,
    decisions: (a, b) => a.decisions - b.decisions || a.hours - b.hours || a.place - b.place,
    errors: by((schema) => schema.errors),
    objects: by((schema) => schema.objects),
    name: (a, b) => a.name.localeCompare(b.name, "en", { numeric: true }) || a.place - b.place,
  };

  const selects = [...document.querySelectorAll("[data-filter]")];
  const rules = [...titles].sort((a, b) => a[1].localeCompare(b[1], "en"));
  for (const [rule, title] of rules) selects.find((one) => one.dataset.filter === "rule").add(new Option(title, rule));
  for (const select of selects) {
    select.addEventListener("change", () => { state[select.dataset.filter] = select.value; state.chosen = ""; apply(); save(); });
  }
  $("sort").addEventListener("change", () => { state.sort = $("sort").value; apply(); save(); });

  const searched = (schema) => (schema.text ||= `${schema.name} ${schema.article.textContent} ${[...schema.cells.keys()].join(" ")}`.toLowerCase());
  const fits = (schema, words) =>
    (!state.status || schema.status === state.status) && (!state.target || schema.target === state.target) &&
    (!state.rule || schema.cells.has(state.rule)) && words.every((word) => searched(schema).includes(word));

  const list = $("list");
  let sorted = "work";
  function apply() {
    const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const schema of schemas) {
      const is = fits(schema, words);
      schema.article.hidden = !is;
      shown += is;
    }
    if (sorted !== state.sort) {
      list.append(...[...schemas].sort(orders[state.sort]).map((schema) => schema.article));
      sorted = state.sort;
    }
    const rule = state.rule ? ` with ${titles.get(state.rule)}` : "";
    $("found").textContent = `${shown.toLocaleString("en")} of ${schemas.length.toLocaleString("en")} schemas${rule}`;
    for (const select of selects) select.value = state[select.dataset.filter];
    $("sort").value = state.sort;
    if ($("search").value !== state.q) $("search").value = state.q;
  }
  function save() {
    const query = new URLSearchParams();
    for (const name of ["q", ...filters]) if (state[name]) query.set(name, state[name]);
    if (state.sort !== "work") query.set("sort", state.sort);
    const tail = query.toString();
    history.replaceState(null, "", `#${state.chosen || "schemas"}${tail ? `?${tail}` : ""}`);
  }
  function clear() {
    for (const name of ["q", ...filters]) state[name] = "";
  }
  let typing = 0;
  $("search").addEventListener("input", () => {
    state.q = $("search").value;
    state.chosen = "";
    clearTimeout(typing);
    typing = setTimeout(() => { apply(); save(); }, 80);
  });
  $("clear").addEventListener("click", () => { clear(); state.sort = "work"; state.chosen = ""; apply(); save(); });

  // Addresses: an anchor, and behind a question mark what is looked for.
  function go() {
    const [anchor, query] = location.hash.slice(1).split("?");
    if (query !== undefined) {
      const wanted = new URLSearchParams(query);
      for (const name of ["q", ...filters]) state[name] = wanted.get(name) || "";
      if (state.rule && !titles.has(state.rule)) state.rule = "";
      if (state.target && !selects.some((one) => one.dataset.filter === "target")) state.target = "";
      state.sort = Object.hasOwn(orders, wanted.get("sort")) ? wanted.get("sort") : "work";
      apply();
    }
    state.chosen = where.has(anchor) ? anchor : "";
    const target = anchor && $(anchor);
    if (!target) return;
    if (target.hidden) { clear(); apply(); save(); }
    for (let at = target; at; at = at.parentElement) if (at.matches("details")) at.open = true;
    if (where.has(anchor)) target.querySelector("details").open = true;
    target.scrollIntoView();
    for (const one of document.querySelectorAll(".this")) one.classList.remove("this");
    target.classList.add("this");
  }
  addEventListener("hashchange", go);

  // Every rule leads to its schemas.
  for (const cell of document.querySelectorAll("[data-rule]")) {
    const link = document.createElement("a");
    link.href = `#schemas?rule=${encodeURIComponent(cell.dataset.rule)}`;
    link.textContent = "its schemas";
    const which = document.createElement("span");
    which.className = "unseen";
    which.textContent = ` with ${titles.get(cell.dataset.rule) || cell.dataset.rule}`;
    link.append(which);
    cell.append(link);
  }

  // The drawing says what is under the pointer.
  const said = $("pointed");
  if (said) said.hidden = false;
  for (const svg of document.querySelectorAll(".grid")) {
    const pitch = Number(svg.dataset.pitch);
    const names = [...svg.closest(".matrix").querySelectorAll(".names a")];
    const frame = svg.querySelector(".at");
    const under = (event) => {
      const box = svg.getBoundingClientRect();
      const schema = schemas[Math.floor((event.clientX - box.left) / pitch)];
      return [schema, names[Math.floor((event.clientY - box.top) / 24)]];
    };
    svg.addEventListener("pointermove", (event) => {
      const [schema, name] = under(event);
      if (!schema || !name) return;
      frame.setAttribute("x", schema.place * pitch);
      frame.setAttribute("visibility", "visible");
      const rule = rules.find(([, title]) => title === name.textContent);
      const cell = rule && schema.cells.get(rule[0]);
      const count = cell ? `${cell[0].toLocaleString("en")} finding${cell[0] === 1 ? "" : "s"}, ${cell[2]}` : "none";
      said.textContent = `${schema.name} · ${name.textContent}: ${count}`;
    });
    svg.addEventListener("pointerleave", () => frame.setAttribute("visibility", "hidden"));
    svg.addEventListener("click", (event) => {
      const [schema] = under(event);
      if (schema) location.hash = schema.anchor;
    });
  }

  // Paper gets all of it, in order.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open], .formula)")];
    for (const fold of closed) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of closed) fold.open = false;
  });

  $("explore").hidden = false;
  apply();
  if (location.hash) go();
})();
