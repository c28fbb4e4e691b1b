// The explorer of all candidates: one state, which the chart, the filters and the table show.
// No text of the study becomes markup: it is only ever set as textContent or written into the CSV.

const cells = JSON.parse(document.getElementById("data-of-cells").textContent);
const spec = JSON.parse(document.getElementById("chart-of-cells").textContent);
const element = (id) => document.getElementById(id);

const PAGE = 20;
// Pixels from an axis of the chart to the next, at least.
const APART = 100;
// A score passes if the four digits that are shown of it do.
const SHOWN = 5e-5;
const total = cells.rank.length;
const scoreAxis = cells.names.length;

// Columns of the table and of the CSV: a name, the value to sort by, the text to show.
const score = (of) => (cell) => (of[cell] === null ? "" : of[cell].toFixed(4));
const numbers = (name, own) => ({ name, sort: (cell) => own[cell], text: score(own), exact: own, number: true });
const columns = [
  { name: "candidate", sort: (cell) => cell, text: (cell) => String(cell), number: true },
  { name: "rank", sort: (cell) => cells.rank[cell], text: (cell) => String(cells.rank[cell]), number: true },
  numbers("mean", cells.mean),
  numbers("sd", cells.sd),
  ...cells.others.map(([name, means]) => numbers(name, means)),
  numbers("behind", cells.behind),
  numbers("shows from", cells.seen),
  {
    name: "beside the best",
    sort: (cell) => cells.standing[cell],
    text: (cell) => cells.standings[cells.standing[cell]],
    whole: true,
  },
  ...cells.names.map((name, axis) => ({
    name,
    sort: (cell) => cells.codes[axis][cell],
    text: (cell) => cells.values[axis][cells.codes[axis][cell]],
  })),
];

const state = {
  // By hyperparameter the codes that pass, null for all.
  allowed: cells.names.map(() => null),
  scores: { mean: [-Infinity, Infinity], sd: [-Infinity, Infinity] },
  // Numbers of the standings that pass, null for all.
  standings: null,
  order: { column: 1, down: false },
  page: 0,
  picked: -1,
};
const dark = matchMedia("(prefers-color-scheme: dark)");
let rows = [];
let view = null;

function passes(cell) {
  if (state.standings !== null && !state.standings.has(cells.standing[cell])) return false;
  for (let axis = 0; axis < state.allowed.length; axis++) {
    const allowed = state.allowed[axis];
    if (allowed !== null && !allowed.has(cells.codes[axis][cell])) return false;
  }
  for (const [name, [low, high]] of Object.entries(state.scores)) {
    const own = cells[name][cell];
    const bounded = low !== -Infinity || high !== Infinity;
    if (bounded && (own === null || own < low - SHOWN || own > high + SHOWN)) return false;
  }
  return true;
}

// Candidates without a score come last in either direction.
function compare(one, other) {
  const { column, down } = state.order;
  const [a, b] = [columns[column].sort(one), columns[column].sort(other)];
  if (a === b) return one - other;
  if (a === null || b === null) return a === null ? 1 : -1;
  return (a < b ? -1 : 1) * (down ? -1 : 1);
}

function update({ keepPage = false } = {}) {
  rows = [];
  const on = new Array(total).fill(false);
  for (let cell = 0; cell < total; cell++) {
    if (passes(cell)) {
      rows.push(cell);
      on[cell] = true;
    }
  }
  rows.sort(compare);
  if (!keepPage) state.page = 0;
  showTable();
  element("count").textContent = `${rows.length} of ${total} candidates`;
  if (view) view.signal("on", on).signal("picked", state.picked).runAsync();
}

// The table ------------------------------------------------------------------------------------

function make(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function makeHeader() {
  const row = make("tr");
  columns.forEach((column, index) => {
    const head = make("th", undefined, { scope: "col", class: column.number ? "number" : "" });
    const button = make("button", column.name, { type: "button" });
    button.addEventListener("click", () => {
      const again = state.order.column === index;
      state.order = { column: index, down: again && !state.order.down };
      update();
    });
    head.append(button);
    row.append(head);
  });
  element("cells-table").tHead.append(row);
}

function showTable() {
  const heads = element("cells-table").tHead.rows[0].cells;
  [...heads].forEach((head, index) => {
    const sorted = index === state.order.column;
    head.setAttribute("aria-sort", !sorted ? "none" : state.order.down ? "descending" : "ascending");
  });
  const pages = Math.max(1, Math.ceil(rows.length / PAGE));
  state.page = Math.min(state.page, pages - 1);
  const shown = rows.slice(state.page * PAGE, (state.page + 1) * PAGE);
  element("cells-table").tBodies[0].replaceChildren(...shown.map(tableRow));
  element("pages").textContent = `page ${state.page + 1} of ${pages}`;
  element("previous").disabled = state.page === 0;
  element("next").disabled = state.page === pages - 1;
}

function tableRow(cell) {
  const row = make("tr", undefined, cell === state.picked ? { class: "picked" } : {});
  columns.forEach((column, index) => {
    const kind = column.number ? "number" : column.whole ? "whole" : "";
    const field = make("td", undefined, kind ? { class: kind } : {});
    if (index === 0) field.append(make("a", column.text(cell), { href: `#candidate=${cell}` }));
    else field.textContent = column.text(cell);
    row.append(field);
  });
  return row;
}

function turn(pages) {
  state.page += pages;
  showTable();
}

// One candidate, by the address ------------------------------------------------------------------

function pickFromAddress() {
  // Addresses of earlier reports say cell.
  const found = /^#(?:candidate|cell)=(\d+)$/.exec(location.hash);
  state.picked = found && Number(found[1]) < total ? Number(found[1]) : -1;
  showCell(found);
  update({ keepPage: true });
  const place = rows.indexOf(state.picked);
  if (place >= 0) {
    state.page = Math.floor(place / PAGE);
    showTable();
  }
  if (found) element("cell").scrollIntoView();
}

function showCell(found) {
  const section = element("cell");
  section.hidden = !found;
  if (!found) return;
  if (state.picked < 0) {
    section.replaceChildren(make("p", `There is no candidate ${found[1]}; they go from 0 to ${total - 1}.`));
    return;
  }
  const list = make("dl");
  for (const column of columns.slice(1)) {
    list.append(make("dt", column.name), make("dd", column.text(state.picked) || "none"));
  }
  const folds = cells.folds.map((own) => score(own)(state.picked) || "failed");
  list.append(make("dt", "scores by fold"), make("dd", folds.join(", ")));
  section.replaceChildren(make("h3", `Candidate ${state.picked}`), list);
}

// The filters ------------------------------------------------------------------------------------

// The numbers of boxes that are checked, null if all are.
function passing(boxes) {
  const checked = boxes.filter((box) => box.checked).map((box) => Number(box.value));
  return checked.length === boxes.length ? null : new Set(checked);
}

function readFilters() {
  for (const fieldset of document.querySelectorAll("#filters [data-axis]")) {
    state.allowed[Number(fieldset.dataset.axis)] = passing([...fieldset.querySelectorAll("input")]);
  }
  for (const fieldset of document.querySelectorAll("#filters [data-range]")) {
    const axis = Number(fieldset.dataset.range);
    const [low, high] = [...fieldset.querySelectorAll("input")].map((input) => input.valueAsNumber);
    const all = Number.isNaN(low) && Number.isNaN(high);
    // What is no number is in no range.
    const inside = cells.values[axis].map(Number).map((own) => own === own && !(own < low) && !(own > high));
    state.allowed[axis] = all ? null : new Set([...inside.keys()].filter((code) => inside[code]));
  }
  for (const fieldset of document.querySelectorAll("#filters [data-score]")) {
    const [low, high] = [...fieldset.querySelectorAll("input")].map((input) => input.valueAsNumber);
    state.scores[fieldset.dataset.score] = [
      Number.isNaN(low) ? -Infinity : low,
      Number.isNaN(high) ? Infinity : high,
    ];
  }
  state.standings = passing([...element("standings").querySelectorAll("input")]);
}

function showFilters() {
  for (const fieldset of document.querySelectorAll("#filters [data-axis]")) {
    const allowed = state.allowed[Number(fieldset.dataset.axis)];
    for (const box of fieldset.querySelectorAll("input")) {
      box.checked = allowed === null || allowed.has(Number(box.value));
    }
  }
  for (const fieldset of document.querySelectorAll("#filters [data-range]")) {
    const axis = Number(fieldset.dataset.range);
    const codes = state.allowed[axis] === null ? [] : [...state.allowed[axis]];
    // In the order of their codes numbers are in that of their size.
    const numbers = codes.sort((a, b) => a - b).map((code) => cells.values[axis][code]).filter((own) => !isNaN(own));
    const [low, high] = fieldset.querySelectorAll("input");
    low.value = numbers[0] ?? "";
    high.value = numbers.at(-1) ?? "";
  }
  const [low, high] = document.querySelectorAll('#filters [data-score="mean"] input');
  low.value = Number.isFinite(state.scores.mean[0]) ? state.scores.mean[0] : "";
  high.value = Number.isFinite(state.scores.mean[1]) ? state.scores.mean[1] : "";
}

// What a brush lets pass; shorter than a few pixels it is a click, which lets everything pass.
function brushed(axis, brush) {
  const height = view.height();
  const ends = brush && Math.abs(brush[0] - brush[1]) > 3
    ? [1 - Math.max(...brush) / height, 1 - Math.min(...brush) / height]
    : null;
  if (axis === scoreAxis) {
    const [low, high] = scoreRange();
    const at = (share) => Number((low + share * (high - low)).toFixed(6));
    state.scores.mean = ends ? ends.map(at) : [-Infinity, Infinity];
  } else {
    const places = cells.places[axis];
    const inside = [...places.keys()].filter((code) => ends && places[code] >= ends[0] && places[code] <= ends[1]);
    state.allowed[axis] = ends ? new Set(inside) : null;
  }
  showFilters();
  update();
}

function scoreRange() {
  const found = cells.mean.filter((own) => own !== null);
  if (!found.length) return [0, 1];
  return found.reduce(([low, high], own) => [Math.min(low, own), Math.max(high, own)], [Infinity, -Infinity]);
}

function clearBrushes() {
  if (view) for (let axis = 0; axis <= scoreAxis; axis++) view.signal(`brush_${axis}`, null);
}

function clear() {
  clearBrushes();
  element("filters").reset();
  readFilters();
  update();
}

// The chart --------------------------------------------------------------------------------------

function width() {
  const { left, right } = spec.padding;
  // So many axes as have no room side by side are scrolled.
  return Math.max(element("chart").clientWidth - left - right, APART * scoreAxis);
}

async function drawChart() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const brushes = view ? view.getState().signals : {};
  if (view) view.finalize();
  ({ view } = await vegaEmbed("#chart", spec, {
    mode: "vega", renderer: "canvas", actions: false, defaultStyle: false,
  }));
  view.signal("width", width());
  for (const name of ["ink", "paper", "accent"]) view.signal(name, colour(`--${name}`));
  view.signal("shades", dark.matches ? [0.3, 1] : [0, 0.88]);
  for (let axis = 0; axis <= scoreAxis; axis++) {
    const name = `brush_${axis}`;
    if (brushes[name]) view.signal(name, brushes[name]);
  }
  await view.runAsync();
  for (let axis = 0; axis <= scoreAxis; axis++) {
    view.addSignalListener(`brush_${axis}`, (_, brush) => brush && brushed(axis, brush));
  }
  update({ keepPage: true });
}

// The CSV ----------------------------------------------------------------------------------------

function csv() {
  const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  // As in the study's own tables: no spreadsheet computes a text.
  const inert = (text) => (/^'*[=+\-@\t\r]/.test(text) && isNaN(text) ? `'${text}` : text);
  const field = (column, cell) => (column.exact ? String(column.exact[cell] ?? "") : inert(column.text(cell)));
  const lines = rows.map((cell) => columns.map((column) => quoted(field(column, cell))).join(","));
  return [columns.map((column) => quoted(column.name)).join(","), ...lines, ""].join("\r\n");
}

function download() {
  const address = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
  make("a", undefined, { href: address, download: "candidates.csv" }).click();
  setTimeout(() => URL.revokeObjectURL(address), 0);
}

// ------------------------------------------------------------------------------------------------

element("explorer-app").hidden = false;
makeHeader();
element("filters").addEventListener("input", () => {
  clearBrushes();
  readFilters();
  update();
});
element("filters").addEventListener("submit", (event) => event.preventDefault());
element("clear").addEventListener("click", clear);
element("download").addEventListener("click", download);
element("previous").addEventListener("click", () => turn(-1));
element("next").addEventListener("click", () => turn(1));
addEventListener("hashchange", () => pickFromAddress());
addEventListener("resize", () => view?.signal("width", width()).runAsync());
dark.addEventListener("change", drawChart);
drawChart();
pickFromAddress();
// The figures above take their room only when they are drawn.
addEventListener("load", () => pickFromAddress());
