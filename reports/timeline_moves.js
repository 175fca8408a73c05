// What the reader does: wheel, drag, touch, keys; and the start of it all.
// ---- wheel, drag, touch, keys ----

function onWheel(event) {
  if (event.ctrlKey && !event.deltaY) return;
  const whole = view.to - view.from >= span;
  if (whole && event.deltaY > 0 && !event.shiftKey) return; // nothing to magnify less: the page may scroll
  event.preventDefault();
  const unit = event.deltaMode === 1 ? 20 : event.deltaMode === 2 ? 400 : 1;
  const across = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
  if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return pan(across * unit / pixels());
  const x = event.clientX - charts.getBoundingClientRect().left;
  const clicks = Math.min(Math.max(event.deltaY * unit, -400), 400);
  zoom(Math.exp(clicks * 0.002), timeAt(Math.min(Math.max(x, gutter), width - margin)));
}

// Shift or the middle button moves; a plain drag is uPlot's, which marks what to magnify.
function onMouseDown(event) {
  if (!charts.contains(document.activeElement)) document.activeElement?.blur(); // the keys are for the charts now
  if (!event.shiftKey && event.button !== 1) return;
  event.stopPropagation();
  event.preventDefault();
  const { from, to } = view, start = event.clientX, each = (to - from) / pixels();
  const follow = e => show(from - (e.clientX - start) * each, to - (e.clientX - start) * each);
  addEventListener('mousemove', follow);
  addEventListener('mouseup', () => removeEventListener('mousemove', follow), { once: true });
}

// One finger moves, two magnify.
const fingers = new Map();
let held = null;
function holdFingers() {
  const xs = [...fingers.values()];
  held = xs.length ? { times: xs.map(timeAt), xs } : null;
}
function onTouch(event) {
  if (event.pointerType !== 'touch') return;
  const x = event.clientX - charts.getBoundingClientRect().left;
  if (event.type === 'pointerdown') fingers.set(event.pointerId, x), holdFingers();
  else if (event.type !== 'pointermove') fingers.delete(event.pointerId), holdFingers();
  else if (fingers.has(event.pointerId) && held) {
    fingers.set(event.pointerId, x);
    const xs = [...fingers.values()], [a, b] = held.times;
    const pinched = xs.length > 1 && Math.abs(xs[1] - xs[0]) > 10;
    const each = pinched ? (b - a) / (xs[1] - xs[0]) : (view.to - view.from) / pixels();
    if (each > 0) show(a - (xs[0] - gutter) * each, a - (xs[0] - gutter) * each + each * pixels());
  }
}

const KEYS = {
  ArrowLeft: e => pan(e.shiftKey ? -0.5 : -0.1), ArrowRight: e => pan(e.shiftKey ? 0.5 : 0.1),
  '+': () => zoom(0.6), '=': () => zoom(0.6), '-': () => zoom(1 / 0.6),
  0: () => show(0, span), Home: () => show(0, span),
  n: () => step(1), p: () => step(-1), f: () => step(1, isBad), F: () => step(-1, isBad),
  ',': () => stepCursor(-0.01), '.': () => stepCursor(0.01),
  i: () => element('infrastructure')?.click(),
};
// Only where nothing else has the keys.
function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target !== document.body && !charts.contains(event.target)) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act(event);
}

function makeButtons(bar) {
  const buttons = [['All', 'all of it (0)', KEYS[0]], ['\u2212', 'magnify less (\u2212)', KEYS['-']],
    ['+', 'magnify (+)', KEYS['+']], ['\u2190', 'earlier (\u2190)', () => pan(-0.3)],
    ['\u2192', 'later (\u2192)', () => pan(0.3)]];
  if (regions.some(isBad)) buttons.push(['Next failed', 'the next test that failed (f)', KEYS.f]);
  for (const [text, title, act] of buttons) {
    const button = make('button', bar, { type: 'button', textContent: text, title, onclick: act });
    if (text.length === 1) button.setAttribute('aria-label', title);
  }
}

// What the colours and signs of the tests mean. That of the infrastructure is also its switch.
function makeLegend(bar) {
  for (const [i, s] of suites.entries()) {
    const switched = regions.some(r => r[SUITE] === i && r[INFRASTRUCTURE]);
    const item = make(switched ? 'label' : 'span', bar, { className: 'suite' });
    if (switched) {
      item.title = 'show or hide (i)';
      const box = make('input', item, { type: 'checkbox', checked: true, id: 'infrastructure' });
      box.onchange = () => { infrastructure = box.checked; overview = 0; draw(); };
    }
    make('i', item).style.background = `var(--${s.ink})`;
    item.append(s.name);
  }
  for (const [symbol, name, is] of [['\u2715', 'failed', isBad], ['\u25cb', 'skipped', r => r[KIND] === ABSENT]])
    if (regions.some(is)) make('span', bar, { className: 'suite', textContent: symbol + ' ' + name });
}

function makeBar() {
  const bar = make('div', charts, { className: 'bar' });
  makeButtons(bar);
  makeLegend(bar);
  at = make('span', bar, { className: 'at' });
  told = make('span', charts, { className: 'heard' });
  told.setAttribute('role', 'status');
}

function makeKeys() {
  const line = make('p', charts, { className: 'keys' });
  const keys = [['drag', 'magnify'], ['wheel + \u2212', 'magnify'], ['shift drag \u2190 \u2192', 'move'], ['0', 'all'],
    [', .', 'cursor']];
  if (regions.length) keys.push(['n p', 'next, previous test']);
  if (regions.some(isBad)) keys.push(['f F', 'next, previous failed']);
  for (const [names, what] of keys) {
    const item = make('span', line);
    for (const name of names.split(' ')) make('kbd', item, { textContent: name }), item.append(' ');
    item.append(what);
  }
  make('p', charts, { className: 'touch', textContent: 'One finger moves, two magnify; a tap on a test shows it.' });
}

// Room for the figures of all rows on one side, which stand below each other.
function roomFor(side) {
  const words = rows.flatMap(({ axes }) => [axes[side].step, axes[side].top].map(v => quantity(axes[side], v, 6)));
  return Math.ceil(12 + 6.6 * Math.max(0, ...words.map(text => text.length)));
}

function measure() {
  width = Math.max(charts.clientWidth, 240);
  gutter = Math.max(roomFor(0), 48);
  margin = rows.some(row => row.axes[1].top) ? Math.max(roomFor(1), 28) : 28;
  charts.style.setProperty('--left', gutter + 'px');
}

function resize() {
  measure();
  plots.forEach((plot, i) => plot.chart.setSize({ width, height: rowHeight(i === plots.length - 1) }));
  overview = 0;
  draw();
}

function begin() {
  charts.tabIndex = 0;
  charts.setAttribute('aria-label', 'The timeline as charts; the same as tables below');
  readColours();
  measure();
  makeBar();
  lanes = make('canvas', charts, { className: 'own' });
  lanes.setAttribute('role', 'img');
  lanes.setAttribute('aria-label', 'Tests and events; the tests are a table below');
  tip = make('div', charts, { className: 'tip', hidden: true });
  lanes.onpointermove = hoverLanes;
  lanes.onpointerleave = () => { tip.hidden = true; };
  lanes.onclick = e => {
    const box = lanes.getBoundingClientRect(), r = regionAt(e.clientX - box.left, e.clientY - box.top);
    if (r) showRegion(r);
  };
  rows.forEach(makeRow);
  makeRange();
  makeKeys();
  charts.addEventListener('wheel', onWheel, { passive: false });
  charts.addEventListener('mousedown', onMouseDown, true);
  for (const name of ['pointerdown', 'pointermove', 'pointerup', 'pointercancel'])
    charts.addEventListener(name, onTouch);
  addEventListener('keydown', onKey);
  new ResizeObserver(() => { if (charts.clientWidth && charts.clientWidth !== width) resize(); }).observe(charts);
  // what is printed is what is seen, on white
  const recolour = printing => () => {
    document.documentElement.classList.toggle('printing', printing);
    readColours();
    overview = 0;
    draw();
  };
  addEventListener('beforeprint', recolour(true));
  addEventListener('afterprint', recolour(false));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { readColours(); overview = 0; draw(); });
  element('still').hidden = true;
  drawLanes();
  drawRange();
  if (!complete()) addEventListener('DOMContentLoaded', () => { overview = 0; draw(); });
}

try {
  begin();
  window.assayTimeline = { show, draw, view: () => [view.from, view.to], span, plots, dataOf };
  // uPlot draws in a microtask of its own, which stands before this one
  queueMicrotask(() => { document.documentElement.dataset.readyMs = performance.now().toFixed(1); });
} catch (error) {
  document.documentElement.dataset.failed = String(error);
  throw error;
}
