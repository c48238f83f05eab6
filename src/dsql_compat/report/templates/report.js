(() => {
  "use strict";
  const $ = (name) => document.getElementById(name);
  const root = document.documentElement;
  const data = JSON.parse($("data").textContent);
  const text = document.querySelector("noscript").textContent;

  // Colours: as the system says, or light, or dark, for as long as the page is open.
  const themes = ["automatic", "light", "dark"];
  const theme = $("theme");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const next = themes[(themes.indexOf(root.dataset.theme || "automatic") + 1) % 3];
    root.dataset.theme = next;
    theme.textContent = `Colours: ${next}`;
  });

  // All details are in one text, escaped already; a part becomes page when it is looked at.
  // Its head says what it is: class, id, kind and name.
  const parts = new Map();
  const inside = new Map();
  const anchors = [];
  const heads = { finding: [], object: [] };
  const HEAD = /^class="(finding|object) ([^"]*)" id="([^"]*)">\s*<h4>([^<]*?) (?:<a [^>]*>)?<code>([^<]*)/;
  for (const piece of text.split("<article ").slice(1)) {
    const name = / id="([^"]*)"/.exec(piece);
    parts.set(name[1], `<article ${piece.slice(0, piece.lastIndexOf("</article>") + 10)}`);
    const head = HEAD.exec(piece);
    if (!head) continue;
    heads[head[1]].push(head);
    if (head[1] === "finding") continue;
    for (const [, anchor] of piece.matchAll(/ id="([^"]*)"/g)) {
      anchors.push(anchor);
      if (anchor !== head[3]) inside.set(anchor, head[3]);
    }
  }
  // A large report writes a change once; here its two sides stand side by side, too.
  const sides = (both) => {
    const made = document.createElement("div");
    made.className = "sides";
    for (const tag of ["ins", "del"]) {
      const side = document.createElement("pre");
      side.append(...both.cloneNode(true).childNodes);
      for (const other of side.querySelectorAll(tag)) other.remove();
      side.normalize();
      made.append(side);
    }
    return made;
  };
  const part = (name) => {
    const holder = document.createElement("template");
    holder.innerHTML = parts.get(name) || "";
    for (const both of holder.content.querySelectorAll(".both")) both.replaceWith(sides(both));
    return holder.content;
  };

  // The words of a part without its tags, to be searched and listed.
  const signs = { amp: "&", lt: "<", gt: ">", quot: '"', "#34": '"', "#39": "'", "#x27": "'" };
  const plain = (html) =>
    html.replace(/<[^>]*>/g, " ").replace(/&(amp|lt|gt|quot|#34|#39|#x27);/g, (_, sign) => signs[sign]);
  const known = new Map();
  const searched = (item) => {
    if (!known.has(item.anchor)) {
      const own = `${item.title} ${item.rule} ${item.name} ${plain(parts.get(item.anchor) || "")}`;
      known.set(item.anchor, own.toLowerCase());
    }
    return known.get(item.anchor);
  };
  const message = (item) => {
    const found = /<\/p>\s*<p>([^]*?)<\/p>/.exec(parts.get(item.anchor) || "");
    return found ? plain(found[1]).trim() : "";
  };

  const [DISPOSITION, SUPPRESSED, OWNER, SCHEMA, HOME] = Array(5).keys();
  const ways = data.ways.flatMap(([rule, way, count]) => Array(count).fill([...data.rules[rule], way]));
  const lists = {
    findings: data.findings.map((row, n) => {
      const [rule, title, way] = ways[n];
      const [, , severity, anchor, kind, name] = heads.finding[n];
      return {
        anchor, row, rule, title, way, name: plain(name), kind: plain(kind), severity,
        disposition: data.dispositions[row[DISPOSITION]], schema: data.schemas[row[SCHEMA]],
        suppressed: row[SUPPRESSED] ? "yes" : "no", object: row[OWNER] < 0 ? "" : heads.object[row[OWNER]][3],
      };
    }),
  };
  const rules = new Map();
  const worst = new Map();
  for (const item of lists.findings) {
    if (!item.object) continue;
    if (!rules.has(item.object)) { rules.set(item.object, new Set()); worst.set(item.object, new Set()); }
    rules.get(item.object).add(item.rule);
    worst.get(item.object).add(item.severity);
  }
  lists.objects = data.objects.map(([disposition, count, schema], n) => {
    const [, , , anchor, sort, called] = heads.object[n];
    const [kind, name] = [plain(sort), plain(called)];
    return {
      anchor, kind, name, disposition: data.dispositions[disposition], schema: data.schemas[schema],
      title: name, line: `${kind}, ${count} finding${count === 1 ? "" : "s"}`, object: anchor,
      severity: worst.get(anchor) || new Set(), rule: rules.get(anchor) || new Set(), suppressed: "",
    };
  });
  const where = new Map();
  for (const list of Object.values(lists)) for (const item of list) where.set(item.anchor, item);

  // What is looked for, kept in the address behind the anchor.
  const filters = ["severity", "disposition", "rule", "schema", "kind", "suppressed", "object"];
  const state = { list: "findings", q: "", chosen: "" };
  for (const name of filters) state[name] = "";
  let shown = [];

  const choices = {
    severity: data.severities, disposition: data.dispositions,
    rule: data.rules.map(([rule]) => rule), schema: data.schemas.filter(Boolean).sort(),
    kind: [...new Set([...lists.findings, ...lists.objects].map((item) => item.kind))].sort(),
  };
  const titles = new Map(data.rules);
  const selects = [...document.querySelectorAll("[data-filter]")];
  for (const select of selects) {
    for (const value of choices[select.dataset.filter] || []) {
      select.add(new Option(select.dataset.filter === "rule" ? titles.get(value) : value, value));
    }
    select.addEventListener("change", () => { state[select.dataset.filter] = select.value; apply(); save(); });
  }

  const fits = (item) => {
    for (const name of filters) {
      const wanted = state[name];
      if (!wanted || (name === "suppressed" && item.suppressed === "")) continue;
      const has = item[name];
      if (has instanceof Set ? !has.has(wanted) : has !== wanted) return false;
    }
    return words.every((word) => searched(item).includes(word));
  };
  let words = [];

  function apply() {
    words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    shown = lists[state.list].filter(fits);
    const all = lists[state.list].length;
    $("found").textContent = `${shown.length.toLocaleString("en")} of ${all.toLocaleString("en")} ${state.list}`;
    for (const select of selects) select.value = state[select.dataset.filter];
    for (const tab of tabs) tab.setAttribute("aria-pressed", String(tab.dataset.list === state.list));
    $("search").value = state.q;
    const only = $("object-filter");
    only.hidden = !state.object;
    only.textContent = state.object ? `only ${(where.get(state.object) || { name: state.object }).name} ×` : "";
    list.scrollTop = 0;
    $("missing").hidden = true;
    if (!state.chosen) look(shown[0] || null);
    paint();
  }

  function save() {
    const query = new URLSearchParams();
    for (const name of ["q", ...filters]) if (state[name]) query.set(name, state[name]);
    if (state.list !== "findings") query.set("list", state.list);
    const tail = query.toString();
    history.replaceState(null, "", `#${state.chosen || "findings"}${tail ? `?${tail}` : ""}`);
  }

  // The list: only the rows in sight are in the page.
  const list = $("list");
  const rows = $("rows");
  const HEIGHT = 4.75 * parseFloat(getComputedStyle(root).fontSize);
  const make = (tag, name, content) => {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (content !== undefined) made.textContent = content;
    return made;
  };
  function paint() {
    rows.style.height = `${shown.length * HEIGHT}px`;
    const first = Math.max(0, Math.floor(list.scrollTop / HEIGHT) - 4);
    const last = Math.min(shown.length, Math.ceil((list.scrollTop + (list.clientHeight || 600)) / HEIGHT) + 4);
    const focused = list.contains(document.activeElement) ? document.activeElement.hash : "";
    rows.replaceChildren(...shown.slice(first, last).map((item, n) => row(item, first + n)));
    if (focused) {
      const again = [...rows.querySelectorAll("a")].find((link) => link.hash === focused);
      (again || list).focus({ preventScroll: true });
    }
  }
  function row(item, number) {
    const line = make("li");
    line.style.top = `${number * HEIGHT}px`;
    line.setAttribute("aria-setsize", shown.length);
    line.setAttribute("aria-posinset", number + 1);
    const link = make("a", "row");
    link.href = `#${item.anchor}`;
    if (item === seen) link.setAttribute("aria-current", "true");
    const head = make("span", "head");
    const label = typeof item.severity === "string" ? item.severity : item.disposition;
    head.append(make("span", `label ${label}`, label), make("strong", "", item.title));
    link.append(head);
    if (item.title !== item.name) link.append(make("code", "", item.name));
    link.append(make("span", "line", item.line || message(item)));
    line.append(link);
    return line;
  }
  let waiting = false;
  list.addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; paint(); });
  });
  addEventListener("resize", paint);

  // One finding or object with all that is known of it.
  // While none is chosen the first stands there, without a word in the address.
  const detail = $("detail");
  let seen = null;
  function look(item) {
    if (item === seen && item) return;
    seen = item;
    detail.replaceChildren(...(item ? content(item) : [make("p", "soft", "Nothing in the list fits.")]));
    detail.scrollTop = 0;
  }
  function choose(item, focus) {
    state.chosen = item ? item.anchor : "";
    $("missing").hidden = true;
    $("explore").classList.toggle("open", Boolean(item));
    look(item || shown[0] || null);
    const number = shown.indexOf(item);
    if (number >= 0) {
      const top = number * HEIGHT;
      if (top < list.scrollTop) list.scrollTop = top;
      else if (top + HEIGHT > list.scrollTop + list.clientHeight) list.scrollTop = top + HEIGHT - list.clientHeight;
    }
    paint();
    if (focus === "detail") detail.focus({ preventScroll: true });
    if (focus === "row") {
      const link = [...rows.querySelectorAll("a")].find((row) => row.hash === `#${state.chosen}`);
      if (link) link.focus({ preventScroll: true });
    }
  }
  function content(item) {
    const back = make("button", "back", "Back to the list");
    back.type = "button";
    back.addEventListener("click", () => { choose(null); save(); list.focus(); });
    const body = part(item.anchor);
    const made = [back, make("h3", "", item.row ? item.title : item.name)];
    if (!item.row) {
      const only = make("a", "", "Only its findings, as a list");
      only.href = `#findings?object=${encodeURIComponent(item.anchor)}`;
      const line = make("p");
      line.append(only);
      made.push(body, line);
    } else {
      made.push(body, part(`why-${item.way}`));
      const ddl = definition(item);
      if (ddl) made.push(make("h4", "", "Where it stands"), ddl);
    }
    for (const piece of made) for (const pre of piece.querySelectorAll?.(".sides pre:last-child") || []) copier(pre);
    return made;
  }
  function definition(item) {
    const home = anchors[item.row[HOME]];
    if (!home) return null;
    const made = part(inside.get(home) || home).getElementById(home);
    const pre = made && [...made.children].find((child) => child.matches("pre"));
    for (const hit of pre ? pre.querySelectorAll(".hit") : []) {
      const meant = hit.hash === `#${item.anchor}` || ` ${hit.dataset.also || ""} `.includes(` ${item.anchor.slice(8)} `);
      hit.classList.toggle("this", meant);
    }
    return pre;
  }
  function copier(pre) {
    const button = make("button", "copy", "Copy the rewrite");
    button.type = "button";
    const said = make("span", "unseen");
    said.setAttribute("role", "status");
    button.addEventListener("click", async () => {
      let done = true;
      try {
        await navigator.clipboard.writeText(pre.textContent);
      } catch {
        getSelection().selectAllChildren(pre);
        done = document.execCommand("copy");
        if (done) getSelection().removeAllRanges();
      }
      // Where the browser refuses both, the text stays selected for the reader's own keys.
      said.textContent = button.textContent = done ? "Copied" : "Selected: copy it with your keys";
      setTimeout(() => { button.textContent = "Copy the rewrite"; }, 3000);
    });
    pre.parentElement.after(button, said);
  }

  // Addresses: an anchor, and behind a question mark what is looked for.
  function go() {
    const [anchor, query] = location.hash.slice(1).split("?");
    if (query !== undefined) {
      const wanted = new URLSearchParams(query);
      for (const name of ["q", ...filters]) state[name] = wanted.get(name) || "";
      state.list = lists[wanted.get("list")] ? wanted.get("list") : "findings";
      apply();
    }
    const item = where.get(anchor) || where.get(inside.get(anchor));
    if (item) {
      const its = item.row ? "findings" : "objects";
      if (state.list !== its || !shown.includes(item)) {
        state.list = its;
        if (!lists[its].filter(fits).includes(item)) for (const name of ["q", ...filters]) state[name] = "";
        apply();
      }
      choose(item, "detail");
      save();
      $("findings").scrollIntoView();
      const inner = inside.has(anchor) && document.getElementById(anchor);
      if (inner) inner.scrollIntoView({ block: "nearest" });
    } else if (anchor.startsWith("rule-") && titles.has(anchor.slice(5))) {
      for (const name of ["q", ...filters]) state[name] = "";
      state.list = "findings";
      state.rule = anchor.slice(5);
      apply();
      choose(shown[0] || null, "detail");
      save();
      $("findings").scrollIntoView();
    } else if (query !== undefined) {
      choose(null);
      $("findings").scrollIntoView();
    } else {
      const target = anchor && document.getElementById(anchor);
      for (let at = target; at; at = at.parentElement) if (at.matches("details")) at.open = true;
      if (target) target.scrollIntoView();
      else if (anchor) missing(anchor);
    }
  }
  // A link from an older report may lead to what has been fixed since, or bears another name now.
  function missing(anchor) {
    choose(null);
    let name = anchor;
    try { name = decodeURIComponent(anchor); } catch { /* shown as it is written */ }
    const rule = /^finding-(.+)-[0-9a-f]{10}(-\d+)?$/.exec(name);
    const line = $("missing");
    line.hidden = false;
    line.textContent = anchor.startsWith("finding-")
      ? `Not in this report: ${name.slice(8)}. It has been fixed since, or what it is about bears another name now.`
      : `Not in this report: ${name}. It is gone, or bears another name now.`;
    if (rule && titles.has(rule[1])) {
      const link = make("a", "", `What is left of ${titles.get(rule[1])}`);
      link.href = `#rule-${rule[1]}`;
      line.append(" ", link);
    }
    $("findings").scrollIntoView();
  }
  addEventListener("hashchange", go);
  rows.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    choose(where.get(link.hash.slice(1)), "detail");
    save();
  });

  const tabs = [...document.querySelectorAll("[data-list]")];
  for (const tab of tabs) tab.addEventListener("click", () => {
    state.list = tab.dataset.list;
    state.chosen = "";
    apply();
    choose(null);
    save();
  });
  let typing = 0;
  $("search").addEventListener("input", () => {
    state.q = $("search").value;
    clearTimeout(typing);
    typing = setTimeout(() => { apply(); save(); }, 80);
  });
  $("object-filter").addEventListener("click", () => { state.object = ""; apply(); save(); });
  function clear() {
    for (const name of ["q", ...filters]) state[name] = "";
    apply();
    save();
  }
  $("clear").addEventListener("click", clear);

  // Keys, unless somebody writes or has switched them off.
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const writes = event.target.matches("input:not([type=checkbox]), select, textarea");
    if (event.key === "Escape") {
      if (event.target === $("search") && state.q) { state.q = ""; apply(); save(); }
      else if (state.chosen) { choose(null); save(); list.focus({ preventScroll: true }); }
      else if (writes) event.target.blur();
      return;
    }
    if (writes || !$("keys").checked) return;
    if (event.key === "/") {
      event.preventDefault();
      $("findings").scrollIntoView();
      $("search").focus();
    } else if (event.key === "j" || event.key === "k") {
      const at = shown.findIndex((item) => item.anchor === state.chosen);
      const next = event.key === "j" ? at + 1 : at < 0 ? 0 : at - 1;
      if (!shown[next]) return;
      choose(shown[next], "row");
      save();
      $("explore").scrollIntoView({ block: "nearest" });
    }
  });

  // Paper gets all of it, in order.
  let closed = [];
  addEventListener("beforeprint", () => {
    $("all").innerHTML = text;
    // What these hold is said further down, too.
    closed = [...document.querySelectorAll("details:not([open], .shut)")];
    for (const fold of closed) fold.open = true;
  });
  addEventListener("afterprint", () => {
    $("all").replaceChildren();
    for (const fold of closed) fold.open = false;
  });

  $("explore").hidden = false;
  if ($("index-by-rule")) $("index-by-rule").classList.add("paper");
  apply();
  if (location.hash) go();
})();
