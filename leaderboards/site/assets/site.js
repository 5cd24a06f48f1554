// Sorting, filtering, another metric in focus, and the theme. Every page is whole without it.
"use strict";
(function () {
  const THEMES = ["auto", "light", "dark"];
  const MIDDLE = 8, WIDTH = 240;
  const byId = (id) => document.getElementById(id);

  // The theme: of the system, or chosen and remembered.
  const button = document.createElement("button");
  button.type = "button";
  let theme = remembered();
  function remembered() {
    try { return THEMES.find((one) => one === localStorage.getItem("gazebench-theme")) || "auto"; }
    catch { return "auto"; }
  }
  function showTheme() {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.textContent = "Theme: " + theme;
  }
  button.addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    try { localStorage.setItem("gazebench-theme", theme); } catch { /* then it is not remembered */ }
    showTheme();
  });
  showTheme();
  document.querySelector("header").append(button);

  // The table: what is asked of it stands in the address, so that links, reload and "back" work.
  const table = document.querySelector("table.sortable");
  if (!table) return;
  const form = byId("filters"), status = byId("status"), body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...body.rows];
  const isEntry = (row) => !row.matches(".c, .f");
  const first = heads.find((head) => head.hasAttribute("aria-sort"));
  const home = { metric: table.dataset.metric || "", model: "", family: "", q: "", sort: "", dir: "" };

  function numbers(cell) {
    const found = cell.textContent.replace(/\u2212/g, "-").replace(/,(?=\d)/g, "").match(/-?\d+(\.\d+)?/g);
    return (found || []).map(Number);
  }
  function key(row, head) {
    const cell = row.cells[head.cellIndex];
    if (head.hasAttribute("data-text")) return cell.textContent.trim().toLowerCase();
    const value = numbers(cell)[0];
    return value === undefined ? NaN : value;
  }
  const label = (head) => (head.querySelector("button") || head).firstChild.textContent.trim();
  function compare(a, b) {
    if (typeof a === "string") return a < b ? -1 : a > b ? 1 : 0;
    return a - b;
  }
  function inOrder(head, direction) {
    const sign = direction === "descending" ? -1 : 1;
    const known = rows.map((row, place) => ({ row, place, value: key(row, head) }));
    const empty = (one) => one.value === "" || Number.isNaN(one.value);
    known.sort((a, b) => empty(a) - empty(b)
      || (empty(a) ? 0 : sign * compare(a.value, b.value)) || a.place - b.place);
    return known.map((one) => one.row);
  }
  function best(head) {
    return head.hasAttribute("data-text") || head.hasAttribute("data-lower")
      || ["rank", "number"].includes(head.dataset.key) ? "ascending" : "descending";
  }

  function read() {
    const said = new URLSearchParams(location.hash.slice(1));
    const state = { ...home };
    for (const name of Object.keys(home)) if (said.has(name)) state[name] = said.get(name);
    if (!metricHead(state.metric)) state.metric = home.metric;
    return state;
  }
  function write(state) {
    const said = new URLSearchParams();
    for (const name of Object.keys(home)) if (state[name] !== home[name]) said.set(name, state[name]);
    const text = said.toString();
    if (text === location.hash.slice(1)) return;
    if (text) location.hash = text;
    else { history.pushState(null, "", location.pathname + location.search); apply(); }
  }
  function change(part) { write({ ...read(), ...part }); }
  const metricHead = (name) => heads.find((head) => head.dataset.i && head.dataset.key === name);

  function apply() {
    const state = read();
    if (form) for (const field of form.elements) if (field.name) field.value = state[field.name];
    if (home.metric) focus(metricHead(state.metric));
    const head = heads.find((one) => one.dataset.key === state.sort)
      || (home.metric ? metricHead(state.metric) : first);
    const direction = ["ascending", "descending"].includes(state.dir) ? state.dir : head && best(head);
    const order = head ? inOrder(head, direction) : rows;
    for (const one of heads) one.removeAttribute("aria-sort");
    if (head) head.setAttribute("aria-sort", direction);
    body.append(...order);
    const shown = filter(state);
    if (status) {
      const total = rows.filter(isEntry).length;
      status.textContent = `Showing ${shown} of ${total} entries`
        + (head ? `, sorted by ${label(head)}, ${direction}.` : ".");
    }
    for (const link of document.querySelectorAll("a[data-keep]")) link.hash = location.hash;
  }
  function filter(state) {
    const asked = state.q.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      if (!isEntry(row)) continue;
      const name = (row.querySelector("th a") || row.querySelector("th")).textContent.toLowerCase();
      row.hidden = !(name.includes(asked)
        && (!state.model || row.dataset.m === state.model)
        && (!state.family || row.dataset.f === state.family));
      shown += !row.hidden;
    }
    return shown;
  }

  // Draw another metric's scores in the chart, and show its ranks and groups.
  function focus(head) {
    const range = { low: Number(head.dataset.low), high: Number(head.dataset.high) };
    const chart = byId("chart");
    chart.querySelector("span").textContent = head.dataset.key;
    chart.querySelector("use").setAttribute("href", "#a" + head.dataset.i);
    const sharing = {};
    for (const row of rows) {
      const group = row.cells[head.cellIndex].dataset.g;
      sharing[group] = (sharing[group] || 0) + 1;
    }
    for (const row of rows) {
      const cell = row.cells[head.cellIndex], drawing = row.cells[2];
      for (const one of row.cells) one.classList.toggle("focus", one === cell);
      draw(drawing, numbers(cell), range, head.dataset.i);
      if (!isEntry(row)) continue;
      const group = cell.dataset.g || "";
      row.classList.toggle("g", Number(group) % 2 === 1);
      const places = cell.textContent.trim().split(" \u00b7 ");
      const shared = sharing[group] > 1 ? "=" : "";
      const ranks = !group ? "-" : places.length > 1 ? places[1] : /\d+(-\d+)?$/.exec(places[0])[0];
      row.cells[0].replaceChildren(ranks, Object.assign(document.createElement("small"), { textContent: shared + group }));
    }
  }
  function draw(cell, [score, ...ends], range, index) {
    const { low: least, high: most } = range;
    const place = (value) => Math.round(WIDTH * Math.min(Math.max((value - least) / (most - least), 0), 1));
    if (score === undefined) { cell.replaceChildren(); return; }
    const [low, high] = ends.length > 1 ? ends : [score, score];
    if (!cell.firstElementChild) cell.append(rows.map((row) => row.cells[2].firstElementChild)
      .find(Boolean).cloneNode(true));
    const drawing = cell.firstElementChild;
    drawing.querySelector("use").setAttribute("href", "#b" + index);
    const [line, dot] = drawing.querySelectorAll("path");
    if (score < range.low || score > range.high) {
      line.setAttribute("d", score < range.low ? "M24 8H3l5-4m-5 4l5 4" : "M216 8h21l-5-4m5 4l-5 4");
      dot.setAttribute("d", "M0 0");
      return;
    }
    line.setAttribute("d", `M${place(low)} ${MIDDLE}h${place(high) - place(low)}`);
    dot.setAttribute("d", `M${place(score)} ${MIDDLE}h0`);
  }

  for (const head of heads) {
    if (!head.dataset.key) continue;
    const sorter = document.createElement("button");
    sorter.type = "button";
    sorter.append(...head.childNodes);
    head.append(sorter);
    sorter.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      const other = now === "ascending" ? "descending" : "ascending";
      change({ sort: head.dataset.key, dir: now ? other : best(head) });
    });
  }
  if (form) {
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", (event) => {
      const { name, value } = event.target;
      change(name === "metric" ? { metric: value, sort: "", dir: "" } : { [name]: value });
    });
    form.addEventListener("reset", (event) => { event.preventDefault(); write(home); });
    const search = form.elements.q;
    search.addEventListener("input", () => {
      const state = { ...read(), q: search.value };
      const said = new URLSearchParams(Object.entries(state).filter(([name, value]) => value !== home[name]));
      history.replaceState(null, "", said.size ? "#" + said : location.pathname + location.search);
      apply();
    });
  }
  addEventListener("hashchange", apply);
  addEventListener("popstate", apply);
  apply();
})();
