
// The drawing of the tables: zoomed, moved and searched with mouse, fingers or keys.
(() => {
  "use strict";
  const box = document.getElementById("drawing");
  if (!box) return;
  const canvas = box.querySelector(".canvas");
  const svg = box.querySelector("svg");
  const whole = svg.getAttribute("viewBox");
  const natural = svg.getAttribute("width");
  const [left, top, fullWidth, fullHeight] = whole.split(" ").map(Number);
  const READABLE = 0.7; // below this scale names are too small, and a part is shown at first
  let x, y, scale, wide, high, touched;

  const set = () => {
    svg.setAttribute("width", wide);
    svg.setAttribute("height", high);
    svg.setAttribute("viewBox", `${x} ${y} ${wide / scale} ${high / scale}`);
  };
  const fitting = () => {
    const most = Math.min(560, innerHeight * 0.75);
    return Math.min(1.25, wide / fullWidth, most / fullHeight);
  };
  function show(wanted) {
    scale = wanted;
    x = left - Math.max(0, wide / scale - fullWidth) / 2;
    y = top - Math.max(0, high / scale - fullHeight) / 2;
    set();
  }
  function start() {
    wide = canvas.clientWidth;
    const first = Math.max(fitting(), Math.min(READABLE, wide / 280));
    high = Math.round(Math.min(560, innerHeight * 0.75, Math.max(fullHeight * first, 120)));
    touched = false;
    show(first);
  }
  function zoom(by, atX = 0.5, atY = 0.5) {
    touched = true;
    if (!by) { show(fitting()); return; }
    const next = Math.min(3, Math.max(fitting() / 2, scale * by));
    x += (wide / scale - wide / next) * atX;
    y += (high / scale - high / next) * atY;
    scale = next;
    set();
  }
  function move(dx, dy) {
    touched = true;
    x += dx;
    y += dy;
    set();
  }

  box.querySelector(".tools").hidden = false;
  for (const button of box.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => zoom(Number(button.dataset.zoom)));
  }
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const way = moves[event.key];
    if (way) move(way[0] * wide / scale / 8, way[1] * high / scale / 8);
    else if (event.key === "+" || event.key === "=") zoom(1.4);
    else if (event.key === "-") zoom(1 / 1.4);
    else if (event.key === "0") zoom(0);
    else return;
    event.preventDefault();
  });
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const area = svg.getBoundingClientRect();
    zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, (event.clientX - area.left) / area.width, (event.clientY - area.top) / area.height);
  }, { passive: false });

  let from = null;
  let dragged = false;
  svg.addEventListener("pointerdown", (event) => { from = [event.clientX, event.clientY]; dragged = false; });
  addEventListener("pointermove", (event) => {
    if (!from) return;
    const [dx, dy] = [event.clientX - from[0], event.clientY - from[1]];
    if (!dragged && Math.abs(dx) + Math.abs(dy) < 5) return;
    dragged = true;
    move(-dx / scale, -dy / scale);
    from = [event.clientX, event.clientY];
  });
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => { from = null; });
  svg.addEventListener("dragstart", (event) => event.preventDefault());
  svg.addEventListener("click", (event) => { if (dragged) event.preventDefault(); }, true);

  const lines = new Map();
  for (const line of svg.querySelectorAll("path[data-ends]")) {
    for (const end of new Set(line.dataset.ends.split(" "))) lines.set(end, [...(lines.get(end) || []), line]);
  }
  const near = (link, is) => {
    if (!link) return;
    link.classList.toggle("found", is);
    for (const line of lines.get(link.getAttribute("href").slice(1)) || []) line.classList.toggle("near", is);
  };
  svg.addEventListener("pointerover", (event) => near(event.target.closest("a"), true));
  svg.addEventListener("pointerout", (event) => near(event.target.closest("a"), false));

  // A table looked for comes to the middle, with its lines.
  const boxes = [...svg.querySelectorAll("a.box")].map((link) => [link, link.querySelector("title").textContent.toLowerCase()]);
  const said = document.getElementById("drawn");
  let last = null;
  document.getElementById("find-table").addEventListener("input", (event) => {
    const word = event.target.value.trim().toLowerCase();
    const name = (text) => text.slice(0, text.lastIndexOf(": "));
    const hits = word ? boxes.filter(([, text]) => name(text).includes(word)) : [];
    near(last, false);
    last = null;
    said.textContent = word ? `${hits.length} of ${boxes.length} tables` : "";
    if (!hits.length) return;
    last = hits[0][0];
    near(last, true);
    const frame = last.querySelector("rect");
    scale = Math.max(scale, 1);
    const at = (side) => Number(frame.getAttribute(side));
    x = at("x") + at("width") / 2 - wide / scale / 2;
    y = at("y") + at("height") / 2 - high / scale / 2;
    move(0, 0);
  });

  addEventListener("resize", () => { if (!touched) start(); });
  addEventListener("beforeprint", () => {
    svg.setAttribute("width", natural);
    svg.removeAttribute("height");
    svg.setAttribute("viewBox", whole);
  });
  addEventListener("afterprint", set);
  start();
})();
