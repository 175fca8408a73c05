// The rows: one chart each, of uPlot or our own, and the view that all of them share.
// ---- words and colours ----

let colours = {};
function readColours() {
  const style = getComputedStyle(document.documentElement);
  const names = ['paper', 'text', 'faint', 'grid', 'bad', 'absent', 'warning',
    ...suites.map(s => s.ink), ...rows.flatMap(r => r.series.map(s => s.ink))];
  colours = Object.fromEntries(names.map(name => [name, style.getPropertyValue('--' + name).trim()]));
}
const washed = (colour, alpha) => colour + Math.round(alpha * 255).toString(16).padStart(2, '0');

const number = (value, digits) => {
  const text = Number(value.toPrecision(digits));
  if (Math.abs(text) >= 1e15) return String(text);
  return text.toLocaleString('en-US', { maximumFractionDigits: 9, useGrouping: false });
};
const quantity = (axis, value, digits) =>
  number(value / axis.per, digits) + (axis.unit === '%' || !axis.unit ? '' : ' ') + axis.unit;

const two = n => String(n).padStart(2, '0');
function timeWords(t, step) {
  const sign = t < 0 ? '-' : '', s = Math.abs(t);
  const digits = step >= 1 ? 0 : Math.min(Math.ceil(-Math.log10(step)), 6);
  const whole = Math.floor(Number(s.toFixed(digits)));
  if (s < 60) return sign + Number(s.toFixed(digits)) + ' s';
  const rest = digits ? (s - whole).toFixed(digits).slice(1) : '';
  if (s < 3600) return sign + Math.floor(whole / 60) + ':' + two(whole % 60) + rest;
  return sign + Math.floor(whole / 3600) + ':' + two(Math.floor(whole / 60) % 60) + ':' + two(whole % 60) + rest;
}
const clockWords = t => new Date(head.start_ms + t * 1000).toISOString().slice(0, 23).replace('T', ' ') + ' UTC';

// ---- the view and what follows from it ----

const view = { from: 0, to: span };
let infrastructure = true, width = 0, gutter = 78, margin = 78, pending = false; // left and right of the plots
const plots = [], shortest = () => Math.max(span * 1e-7, 1e-3);

function show(from, to) {
  const length = Math.min(Math.max(to - from, shortest()), span);
  from = Math.min(Math.max(from, 0), span - length);
  if (from === view.from && from + length === view.to) return;
  view.from = from;
  view.to = from + length;
  drawSoon();
}
const pan = share => show(view.from + share * (view.to - view.from), view.to + share * (view.to - view.from));
function zoom(factor, at = (view.from + view.to) / 2) {
  const length = Math.min(Math.max((view.to - view.from) * factor, shortest()), span);
  const share = (at - view.from) / (view.to - view.from);
  show(at - share * length, at - share * length + length);
}
function drawSoon() {
  if (pending) return;
  pending = true;
  requestAnimationFrame(() => { pending = false; draw(); });
}

const pixels = () => Math.max(width - gutter - margin, 50);
const timeAt = x => view.from + (x - gutter) / pixels() * (view.to - view.from);
const shownRegions = () => regions.filter(r => r[END] >= view.from && r[START] <= view.to &&
  (infrastructure || !r[INFRASTRUCTURE]));

// What is on the right scale is dashed, unless it is so dense that dashes would be seen by nobody and cost most.
function dash(plot, dense) {
  plot.row.series.forEach((s, k) => { plot.chart.series[k + 1].dash = s.right && !dense[k] ? [5, 3] : []; });
}

function draw() {
  for (const plot of plots) {
    const chart = plot.chart, { dense, lists } = dataOf(plot.row, view.from, view.to, pixels());
    dash(plot, dense);
    chart.batch(() => {
      chart.setData(lists, false);
      chart.setScale('x', { min: view.from, max: view.to });
    });
  }
  drawLanes();
  drawRange();
}

// ---- rows ----

const isBad = r => r[KIND] === FAILED || r[KIND] === BROKEN;
const inkOf = r => isBad(r) ? colours.bad : r[KIND] === ABSENT ? colours.absent : colours[suites[r[SUITE]].ink];

// Tests and bands of short memory, behind the lines of a row.
function drawBehind(chart, row) {
  const { ctx, bbox } = chart, scale = bbox.width / (view.to - view.from), ratio = devicePixelRatio;
  const x = t => bbox.left + Math.min(Math.max((t - view.from) * scale, 0), bbox.width);
  const rect = (from, to, colour, least) =>
    (ctx.fillStyle = colour, ctx.fillRect(x(from), bbox.top, Math.max(x(to) - x(from), least), bbox.height));
  ctx.save();
  for (const r of shownRegions()) {
    rect(r[START], r[END], washed(inkOf(r), isBad(r) ? 0.18 : 0.09), 1);
    const wide = (r[END] - r[START]) * scale > 6 * ratio;
    if (r[KIND] !== 0 && r[START] >= view.from && wide) rect(r[START], r[START], inkOf(r), ratio);
  }
  if (row.id === 'memory')
    for (const [from, to, level] of bands)
      if (to >= view.from && from <= view.to)
        rect(from, to, washed(level > 1 ? colours.bad : colours.warning, 0.25), ratio);
  for (const [from, to] of marks) // what lasts is to be seen in its lane, and here by what it did
    if (from === to && from >= view.from && from <= view.to) rect(from, from, washed(colours.text, 0.35), ratio);
  ctx.restore();
}

function axisOf(row, side) {
  const axis = row.axes[side];
  return {
    scale: side ? 'r' : 'l', side: side ? 1 : 3, show: true, size: () => side ? margin : gutter, gap: 4,
    splits: () => axis.top ? Array.from({ length: Math.round(axis.top / axis.step) + 1 }, (_, i) => i * axis.step) : [],
    values: (_, splits) => splits.map(v => quantity(axis, v, 6)),
    stroke: () => colours.faint, font: FONT,
    grid: { show: side === 0 || !row.axes[0].top, stroke: () => colours.grid, width: 1 }, ticks: { show: false },
  };
}

const STEPS = [1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120,
  300, 600,   900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 432000, 864000];

function optionsOf(row, last) {
  const line = s => ({
    label: s.label, scale: s.right ? 'r' : 'l', width: 1.5, dash: [],
    stroke: () => colours[s.ink], fill: s.filled ? () => washed(colours[s.ink], 0.18) : undefined,
    points: { show: (u, i, first, end) => end - first < u.bbox.width / devicePixelRatio / 12, size: 4 },
  });
  return {
    width, height: rowHeight(last), padding: [6, 0, last ? 0 : 6, 0], legend: { show: false },
    cursor: {
      sync: { key: 'timeline' }, drag: { x: true, y: false, setScale: false }, points: { size: 5 },
      bind: { dblclick: () => () => (show(0, span), null) },
    },
    scales: {
      x: { time: false, range: () => [view.from, view.to] },
      l: { range: () => [0, row.axes[0].top || 1] }, r: { range: () => [0, row.axes[1].top || 1] },
    },
    axes: [{
      show: true, size: last ? 26 : 0, space: 80, incrs: STEPS, stroke: () => colours.faint, gap: 4,
      values: (u, splits, i, space, step) => splits.map(t => last ? timeWords(t, step) : ''),
      font: FONT, grid: { stroke: () => colours.grid, width: 1 }, ticks: { show: false },
    }, axisOf(row, 0), axisOf(row, 1)],
    series: [{}, ...row.series.map(line)],
    hooks: {
      drawClear: [u => drawBehind(u, row)],
      setSelect: [u => {
        if (u.select.width < 3) return;
        const from = u.posToVal(u.select.left, 'x'), to = u.posToVal(u.select.left + u.select.width, 'x');
        u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
        show(from, to);
      }],
      setCursor: [u => tellValues(u, row)],
    },
  };
}

const rowHeight = last => Math.max(90, Math.min(170, innerHeight / (rows.length + 2.4))) + (last ? 26 : 0);

const make = (name, parent, properties = {}) =>
  parent.appendChild(Object.assign(document.createElement(name), properties));

// What the bands behind the memory say.
function tellBands(top) {
  for (const [level, ink, words] of [[1, 'warning', 'some wait for memory'], [2, 'bad', 'all wait for it']]) {
    if (!bands.some(band => band[2] === level)) continue;
    const item = make('span', top, { className: 'suite' });
    make('i', item).style.background = `var(--${ink})`;
    item.append(words);
  }
}

function makeRow(row, i) {
  const top = make('div', charts, { className: 'head' });
  make('h2', top, { textContent: row.title });
  // lines of the same table stand together in what dataOf() returns
  row.series.sort((a, b) => a.table - b.table);
  const plot = { row, values: [] };
  row.series.forEach((s, k) => {
    const button = make('button', top, { type: 'button', className: s.right ? 'dashed' : '', title: 'show or hide' });
    button.setAttribute('aria-pressed', 'true');
    make('i', button).style.borderColor = `var(--${s.ink})`;
    make('span', button, { textContent: s.label });
    const value = make('b', button), axis = row.axes[s.right ? 1 : 0];
    value.style.minWidth = quantity(axis, axis.top * 0.97777, 4).length + 'ch'; // so that nothing moves with the cursor
    plot.values.push(value);
    button.onclick = () => {
      const shown = button.getAttribute('aria-pressed') !== 'true';
      button.setAttribute('aria-pressed', shown);
      plot.chart.setSeries(k + 1, { show: shown });
    };
  });
  if (row.id === 'memory') tellBands(top);
  const place = make('div', charts, { id: 'row-' + row.id });
  place.setAttribute('role', 'img');
  place.setAttribute('aria-label', `${row.title}: ${row.series.map(s => s.label).join(', ')}`);
  const { dense, lists } = dataOf(row, view.from, view.to, pixels());
  plot.chart = new (window.uPlot ?? OwnChart)(optionsOf(row, i === rows.length - 1), lists, place);
  dash(plot, dense); // before its first drawing, which waits for a microtask
  plots.push(plot);
}

function tellValues(u, row) {
  const plot = plots.find(p => p.row === row), at = u.cursor.idx;
  if (!plot) return;
  row.series.forEach((s, k) => {
    let i = at == null ? -1 : at;
    while (i >= 0 && u.data[k + 1][i] === undefined) i--;
    const value = i >= 0 ? u.data[k + 1][i] : null;
    plot.values[k].textContent = value == null ? '' : quantity(row.axes[s.right ? 1 : 0], value, 4);
  });
  if (u.cursor.left >= 0) tellMoment(u.posToVal(u.cursor.left, 'x'));
}
