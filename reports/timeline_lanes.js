// The tests and events above the rows, and the whole in little below them.
// ---- the tests' and events' lane ----

const LANE = 20, MARKS = 16, RANGE = 46;
let at, told, tip, lanes, range, shades, windowBox, grips, overview;

const lanesHeight = () => head.lanes * LANE + (marks.length ? MARKS : 0) + (head.lanes || marks.length ? 4 : 0);

function prepare(canvas, height) {
  const ratio = devicePixelRatio;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.height = height + 'px';
  const ctx = canvas.getContext('2d');
  ctx.scale(ratio, ratio);
  ctx.font = FONT;
  return ctx;
}

const SYMBOLS = { [FAILED]: '\u2715 ', [BROKEN]: '\u2715 ', [ABSENT]: '\u25cb ' };

// Cut to what has room; nothing where hardly a letter has.
function fitted(ctx, text, room) {
  if (room < 20) return '';
  if (ctx.measureText(text).width <= room) return text;
  let low = 0, high = text.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (ctx.measureText(text.slice(0, middle) + '\u2026').width <= room) low = middle;
    else high = middle - 1;
  }
  return low > 2 ? text.slice(0, low) + '\u2026' : '';
}

const place = t => gutter + Math.min(Math.max((t - view.from) / (view.to - view.from), 0), 1) * pixels();

// The suite is what the colour says.
function shortName(r) {
  const prefix = suites[r[SUITE]].name + '.';
  return r[CASE].startsWith(prefix) ? r[CASE].slice(prefix.length) : r[CASE];
}

function drawBlock(ctx, r) {
  const x = place(r[START]), y = r[LANE_NUMBER] * LANE + 2, all = place(r[END]) - x, h = LANE - 4;
  const w = all > 4 ? all - 1 : Math.max(all, 1.5); // one can be told from the next
  ctx.fillStyle = washed(colours[suites[r[SUITE]].ink], r[KIND] === ABSENT ? 0.15 : 0.4);
  ctx.fillRect(x, y, w, h);
  if (r[KIND] !== 0) {
    ctx.fillStyle = inkOf(r);
    ctx.fillRect(x, y, w, 3);
    ctx.fillRect(x, y, 2, h);
  }
  const label = (SYMBOLS[r[KIND]] || '') + shortName(r) + (r[MODEL] ? ' \u00b7 ' + r[MODEL] : '');
  const words = fitted(ctx, label, w - 8) || (w >= 14 ? SYMBOLS[r[KIND]] : '');
  if (!words) return;
  ctx.fillStyle = colours.text;
  ctx.fillText(words, x + 5, y + h - 4);
}

function drawLanes() {
  const ctx = prepare(lanes, lanesHeight());
  ctx.fillStyle = colours.faint;
  ctx.textAlign = 'right';
  if (head.lanes) ctx.fillText('tests', gutter - 6, 14);
  if (marks.length) ctx.fillText('events', gutter - 6, head.lanes * LANE + 12);
  ctx.textAlign = 'left';
  for (const r of shownRegions()) drawBlock(ctx, r);
  drawMarks(ctx);
}

// The words of each stand behind it, where neither a longer one nor the next is in their way.
function drawMarks(ctx) {
  const y = head.lanes * LANE + 3;
  let taken = 0;
  ctx.fillStyle = colours.faint;
  marks.forEach(([from, to, text], i) => {
    if (to < view.from || from > view.to) return;
    const x = place(from), end = Math.max(place(to), x + 2), next = marks[i + 1];
    ctx.fillRect(x, y, end - x, MARKS - 5);
    taken = Math.max(taken, end);
    const room = (next ? place(next[0]) : width - margin) - end - 8;
    if (end === taken) ctx.fillText(fitted(ctx, text, room), end + 4, y + 9);
  });
}

const regionAt = (x, y) => shownRegions().reverse().find(r => Math.floor(y / LANE) === r[LANE_NUMBER] &&
  x >= place(r[START]) - 1 && x <= Math.max(place(r[END]), place(r[START]) + 1.5) + 1);
const markAt = (x, y) => y < head.lanes * LANE ? undefined :
  marks.find(([from, to]) => x >= place(from) - 3 && x <= place(to) + 4);

function hoverLanes(event) {
  const box = lanes.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
  const region = regionAt(x, y), mark = region ? undefined : markAt(x, y);
  tip.hidden = !region && !mark;
  lanes.style.cursor = region ? 'pointer' : '';
  if (tip.hidden) return;
  tip.textContent = region ? region[WORDS] : mark[2] + '\nfrom ' + timeWords(mark[0], 0.1) +
    (mark[1] > mark[0] ? ', ' + quantity({ per: 1, unit: 's' }, mark[1] - mark[0], 3) : '');
  const outer = charts.getBoundingClientRect();
  tip.style.top = box.bottom - outer.top + 4 + 'px';
  tip.style.left = Math.max(Math.min(event.clientX - outer.left, outer.width - tip.offsetWidth - 8), 0) + 'px';
}

function tellMoment(t) {
  const inside = shownRegions().filter(r => r[START] <= t && r[END] >= t).map(r => r[WORDS].split('\n')[0]);
  at.textContent = [timeWords(t, (view.to - view.from) / 2000), clockWords(t), ...inside].join(' \u00b7 ');
  at.title = at.textContent;
}

const showRegion = r => {
  const room = Math.max((r[END] - r[START]) * 0.15, shortest());
  show(r[START] - room, r[END] + room);
};

// What a key led to is seen in the line above the rows, and heard.
function tell(words) {
  at.textContent = at.title = words.replaceAll('\n', ' \u00b7 ');
  told.textContent = words;
}

// The next or the last test beside the middle of the view.
function step(direction, wanted = () => true) {
  const list = regions.filter(r => (infrastructure || !r[INFRASTRUCTURE]) && wanted(r));
  const middle = (view.from + view.to) / 2, whole = view.to - view.from > span * 0.999;
  const ahead = direction > 0 ? list.find(r => whole || (r[START] + r[END]) / 2 > middle * (1 + 1e-9) + 1e-9)
    : list.reverse().find(r => whole || (r[START] + r[END]) / 2 < middle * (1 - 1e-9) - 1e-9);
  if (!ahead) return;
  showRegion(ahead);
  tell(ahead[WORDS]);
}

// The cursor of all rows, by a part of the view from where it is or from the middle.
function stepCursor(part) {
  const was = plots[0] ? plots[0].chart.cursor.left : -1, from = was >= 0 ? was : pixels() / 2;
  const left = Math.min(Math.max(from + part * pixels(), 0), pixels());
  for (const { chart } of plots) chart.setCursor({ left, top: 0 }, true, false);
  const values = plots.flatMap(plot => plot.row.series.map((s, k) => [s.label, plot.values[k].textContent]));
  told.textContent = [at.textContent, ...values.filter(pair => pair[1]).map(pair => pair.join(' '))].join(', ');
}

// ---- the whole in little, with the view as a window of it ----

const rangePlace = t => gutter + t / span * pixels();

function drawRange() {
  const from = rangePlace(view.from), to = rangePlace(view.to);
  if (overview !== width) drawOverview();
  shades[0].style.cssText = `left:${gutter}px;width:${from - gutter}px`;
  shades[1].style.cssText = `left:${to}px;width:${width - margin - to}px`;
  windowBox.style.cssText = `left:${from}px;width:${to - from}px`;
  grips.forEach((grip, i) => {
    grip.style.left = (i ? Math.max(to, from + 4) : from - 10) + 'px'; // beside the window
    grip.setAttribute('aria-valuenow', i ? view.to : view.from);
    grip.setAttribute('aria-valuetext', timeWords(i ? view.to : view.from, 0.1));
  });
}

function drawOverview() {
  overview = width;
  const ctx = prepare(range.querySelector('canvas'), RANGE);
  ctx.fillStyle = washed(colours.grid, 0.5);
  ctx.fillRect(gutter, 0, pixels(), RANGE);
  for (const r of regions) {
    if (!infrastructure && r[INFRASTRUCTURE]) continue;
    ctx.fillStyle = washed(inkOf(r), isBad(r) ? 0.7 : 0.35);
    const x = rangePlace(r[START]);
    ctx.fillRect(x, RANGE - 8, Math.max(rangePlace(r[END]) - x, isBad(r) ? 2 : 0.5), 8);
  }
  const row = rows.find(r => r.id === 'cpu' && r.series.length) || rows.find(r => r.series.length);
  if (!row) return;
  const s = row.series[0], top = row.axes[s.right ? 1 : 0].top;
  const v = viewOf(s.table, 0, span, pixels()), times = timesOf(v);
  ctx.strokeStyle = colours[s.ink];
  ctx.beginPath();
  let open = false;
  valuesOf(v, s).forEach((value, i) => {
    const x = rangePlace(times[i]), y = 3 + (RANGE - 14) * (1 - value / top);
    if (value === null) open = false;
    else if (open) ctx.lineTo(x, y);
    else ctx.moveTo(x, y), open = true;
  });
  ctx.stroke();
}

// What is dragged follows the pointer until it is let go.
function drag(event, move) {
  event.preventDefault();
  const { from, to } = view, start = event.clientX, target = event.currentTarget;
  const follow = e => move(e.clientX - start, from, to);
  const end = () => ['pointermove', 'pointerup', 'pointercancel'].forEach((name, i) =>
    target.removeEventListener(name, i ? end : follow));
  target.setPointerCapture(event.pointerId);
  target.addEventListener('pointermove', follow);
  target.addEventListener('pointerup', end);
  target.addEventListener('pointercancel', end);
}

// Parts of the view.
const GRIP_KEYS = { ArrowLeft: -0.05, ArrowDown: -0.05, ArrowRight: 0.05, ArrowUp: 0.05, PageDown: -0.5, PageUp: 0.5,
  Home: -Infinity, End: Infinity };

function makeRange() {
  range = make('div', charts, { className: 'range' });
  make('canvas', range, { className: 'own' }).setAttribute('aria-hidden', 'true');
  shades = [0, 1].map(() => make('div', range, { className: 'shade' }));
  windowBox = make('div', range, { className: 'window' });
  grips = ['start of the view', 'end of the view'].map((name, i) => {
    const grip = make('div', range, { className: 'grip', tabIndex: 0, role: 'slider' });
    const attributes = { 'aria-label': name, 'aria-valuemin': 0, 'aria-valuemax': span };
    for (const [key, value] of Object.entries(attributes)) grip.setAttribute(key, value);
    const moved = (by, from, to) => i ? show(from, Math.min(Math.max(to + by, from + shortest()), span))
      : show(Math.min(Math.max(from + by, 0), to - shortest()), to);
    grip.onpointerdown = e => drag(e, (dx, from, to) => moved(dx / pixels() * span, from, to));
    grip.onkeydown = e => {
      const by = GRIP_KEYS[e.key];
      if (!by) return;
      e.stopPropagation();
      e.preventDefault();
      moved(by * (view.to - view.from), view.from, view.to);
    };
    return grip;
  });
  windowBox.onpointerdown = e => drag(e, (dx, from, to) => {
    const by = dx / pixels() * span;
    show(from + by, to + by);
  });
  range.onpointerdown = e => {
    if (e.target.closest('.window, .grip')) return;
    const middle = (e.clientX - range.getBoundingClientRect().left - gutter) / pixels() * span;
    const half = (view.to - view.from) / 2;
    show(middle - half, middle + half);
  };
}
