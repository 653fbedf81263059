"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const STEP = 48;
  const AXIS = 22;
  const ROW = 20;
  const PAD = 8;
  const first = data.first;
  const end = first + data.steps.length;
  const element = (id) => document.getElementById(id);
  const timeline = element("timeline");
  const canvas = element("canvas");
  const x = (step) => (step - first) * STEP;

  // A name such as mm->mmap_lock stays in one line.
  const joined = (text) => String(text).replaceAll("->", "-\u2060>");

  // All text of the run goes through textContent, so that none of it is ever markup.
  const make = (parent, tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = joined(text);
    parent.append(made);
    return made;
  };

  const place = (made, left, top, width) => {
    made.style.left = left + "px";
    made.style.top = top + "px";
    if (width !== undefined) made.style.width = width + "px";
    return made;
  };

  /** Puts what overlaps into rows below each other. */
  const pack = (spans) => {
    const rows = [];
    spans.sort((a, b) => a.from - b.from || b.to - a.to);
    for (const span of spans) {
      let row = rows.findIndex((until) => until <= span.from);
      if (row < 0) row = rows.push(0) - 1;
      rows[row] = Math.max(span.to, span.from + 1);
      span.row = row;
    }
    return rows.length;
  };

  const lanes = [];
  let height = AXIS;
  data.tasks.forEach((name, task) => {
    const spans = data.spans.filter((span) => span.task === task && span.to > span.from);
    const rows = pack(spans);
    const lane = { top: height, steps: height + PAD };
    lanes.push(lane);
    const tall = PAD + ROW + 4 + rows * ROW + PAD;
    place(make(element("names"), "div", "", name), 0, height);
    const back = place(make(canvas, "div", "lane"), 0, height);
    back.style.height = tall + "px";
    for (const span of spans) {
      const from = Math.max(span.from, first);
      const kind = "bar " + span.kind + (span.ended ? "" : " open") + (span.suspect ? " suspect" : "");
      const text = (span.kind === "sleep" ? "waits for " : "") + span.text;
      const bar = make(canvas, "div", kind);
      make(bar, "span", "", text);
      bar.title = text;
      place(bar, x(from) + 1, height + PAD + ROW + 4 + span.row * ROW, (span.to - from) * STEP - 2);
    }
    height += tall;
  });
  canvas.style.width = x(end) + "px";
  canvas.style.height = height + "px";

  data.steps.forEach((step, i) => {
    const number = first + i;
    place(make(canvas, "div", "tick", number), x(number), 0, STEP);
    const lane = lanes[step.task];
    const verb = /^(\S+ \S+|\S+)/.exec(step.text)[0];
    const short = { "goes on": "...", allocate: "alloc", callback: "call", preempt: "sched" };
    const label = short[verb] || short[verb.split(" ")[0]] || verb.split(" ")[0];
    const box = make(canvas, "div", "step" + (step.marked ? " marked" : ""), label);
    box.title = number + ": " + step.text;
    place(box, x(number) + 1, lane.steps, STEP - 2);
    box.addEventListener("click", () => move(number));
    if (step.turn === "preemption") {
      const flag = make(canvas, "div", "flag");
      flag.title = "preemption";
      place(flag, x(number) - 5, lane.top);
    }
  });

  const NS = "http://www.w3.org/2000/svg";
  const draw = (parent, tag, attributes) => {
    const made = document.createElementNS(NS, tag);
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    parent.append(made);
    return made;
  };
  const arrows = draw(canvas, "svg", { width: x(end), height, "aria-hidden": "true" });
  const head = draw(draw(arrows, "defs", {}), "marker", {
    id: "head", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7,
    orient: "auto-start-reverse"
  });
  draw(head, "path", { d: "M0,0 L8,4 L0,8 z" });
  for (const wake of data.wakeUps) {
    let to = wake.step + 1;
    while (to < end && data.steps[to - first].task !== wake.task) to++;
    if (wake.by < 0 || to >= end) continue;
    const down = wake.task > wake.by;
    const fromY = lanes[wake.by].steps + (down ? ROW : 0);
    const toY = lanes[wake.task].steps + (down ? 0 : ROW);
    const fromX = x(wake.step) + STEP * 0.6;
    const toX = x(to) + STEP * 0.4;
    const bend = (toY - fromY) / 2;
    draw(arrows, "path", {
      d: `M${fromX},${fromY} C${fromX},${fromY + bend} ${toX},${toY - bend} ${toX},${toY}`,
      "marker-end": "url(#head)"
    });
  }

  const cursorBar = make(canvas, "div");
  cursorBar.id = "cursor";
  cursorBar.style.width = STEP + "px";
  timeline.setAttribute("aria-valuemin", first);
  timeline.setAttribute("aria-valuemax", end - 1);

  const table = (id, head, rows, empty) => {
    const made = element(id);
    made.replaceChildren();
    if (rows.length === 0) {
      make(make(made, "tr"), "td", "hint", empty);
      return;
    }
    const heads = make(made, "tr");
    head.forEach((text) => (make(heads, "th", "", text).scope = "col"));
    for (const row of rows) {
      const line = make(made, "tr");
      row.forEach((cell, i) => {
        const changed = cell.changed ? "changed" : "";
        const made = make(line, i === 0 ? "th" : "td", changed, cell.text ?? cell);
        if (i === 0) made.scope = "row";
      });
    }
  };

  const kinds = { lock: "holds", section: "reads", invalidation: "invalidates", callback: "is in", sleep: "waits for" };

  const showOpen = (step) => {
    const rows = [];
    for (const span of data.spans) {
      if (span.from <= step && step < span.to) {
        rows.push([data.tasks[span.task], kinds[span.kind], { text: span.text, changed: span.from === step }]);
      }
    }
    rows.sort((a, b) => data.tasks.indexOf(a[0]) - data.tasks.indexOf(b[0]));
    table("open", ["task", "", "what"], rows, "nothing");
  };

  const showValues = (step) => {
    const now = new Map();
    for (const value of data.values) {
      if (value.step <= step) now.set(value.name, { text: value.value, changed: value.step === step });
    }
    table("values", ["of", "now"], [...now], "none has changed so far");
  };

  const showEntries = (step) => {
    const names = [...new Set(data.entries.map((entry) => entry.table))];
    const now = new Map();
    for (const entry of data.entries) {
      if (entry.step > step) break;
      const row = now.get(entry.address) ?? names.map(() => "none");
      const before = row[names.indexOf(entry.table)];
      const changed = entry.step === step;
      const from = changed && before.changed ? before.from : entry.from;
      const text = changed ? `${from} \u2192 ${entry.to}` : entry.to;
      row[names.indexOf(entry.table)] = { text, changed, from };
      now.set(entry.address, row);
    }
    const byAddress = (a, b) => a[0].length - b[0].length || (a[0] < b[0] ? -1 : 1);
    const rows = [...now].sort(byAddress).map(([address, cells]) => [address, ...cells]);
    table("entries", ["address", ...names], rows, "no entry has changed so far");
  };

  let cursor = -1;
  const move = (to) => {
    cursor = Math.min(Math.max(to, first), end - 1);
    const step = data.steps[cursor - first];
    const text = `step ${cursor}, ${data.tasks[step.task]}: ${step.text}`;
    cursorBar.style.left = x(cursor) + "px";
    timeline.setAttribute("aria-valuenow", cursor);
    timeline.setAttribute("aria-valuetext", text);
    element("place").textContent = `step ${cursor} of ${end - 1}`;
    const turn = step.turn === "preemption" ? " (preempts the one who ran before)" : "";
    element("step-head").textContent = joined(`${data.tasks[step.task]}: ${step.text}${turn}`);
    const list = element("events");
    list.replaceChildren();
    data.events.filter((event) => event.step === cursor).forEach((event) => make(list, "li", "", event.text));
    data.wakeUps.filter((wake) => wake.step === cursor).forEach((wake) =>
      make(list, "li", "", `${wake.by < 0 ? "time wakes" : "wakes"} ${data.tasks[wake.task]}`));
    if (step.nanos > 0) make(list, "li", "hint", `virtual time ${step.nanos} ns`);
    showOpen(cursor);
    showValues(cursor);
    showEntries(cursor);
    const names = element("names").offsetWidth;
    const left = x(cursor);
    if (left < timeline.scrollLeft) timeline.scrollLeft = left - STEP;
    const right = left + STEP + names - timeline.clientWidth;
    if (right > timeline.scrollLeft) timeline.scrollLeft = right + STEP;
  };

  const marked = (direction) => {
    let at = cursor + direction;
    while (at >= first && at < end && !data.steps[at - first].marked) at += direction;
    if (at >= first && at < end) move(at);
  };

  const keys = {
    ArrowLeft: () => move(cursor - 1),
    ArrowRight: () => move(cursor + 1),
    ArrowUp: () => marked(-1),
    ArrowDown: () => marked(1),
    PageUp: () => move(cursor - 10),
    PageDown: () => move(cursor + 10),
    Home: () => move(first),
    End: () => move(end - 1)
  };
  timeline.addEventListener("keydown", (event) => {
    const action = keys[event.key];
    if (action && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      action();
    }
  });
  element("before").addEventListener("click", () => move(cursor - 1));
  element("after").addEventListener("click", () => move(cursor + 1));
  element("before-marked").addEventListener("click", () => marked(-1));
  element("after-marked").addEventListener("click", () => marked(1));

  document.body.classList.add("scripted");
  if (data.steps.length > 0) move(end - 1);
})();
