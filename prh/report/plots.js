"use strict";
// Plots whose dots say what they are: under the pointer, at a tap, and by the arrow keys.
const tiles = JSON.parse(document.getElementById("tiles").textContent);
const SIZE = 56, NEAR = 16, MARGIN = { left: 58, bottom: 40, other: 12 };
const still = matchMedia("(prefers-reduced-motion: reduce)");
const make = (kind, attributes = {}, ...inside) => {
  const element = document.createElement(kind);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...inside);
  return element;
};
const tile = index => {
  const high = Math.round(SIZE * tiles.height / tiles.width), [row, column] = [Math.floor(index / tiles.columns), index % tiles.columns];
  return make("span", {
    class: "tile", style: `width:${SIZE}px;height:${high}px;background-size:${SIZE * tiles.columns}px auto;` +
      `background-position:${-SIZE * column}px ${-high * row}px`,
  });
};

for (const hint of document.querySelectorAll(".hint")) hint.hidden = false;
for (const figure of document.querySelectorAll("figure.plot")) {
  const plot = JSON.parse(figure.querySelector("script").textContent);
  const live = figure.querySelector(".live"), said = make("p", { class: "unseen", "aria-live": "polite" });
  const chosen = new Set(), isShown = item => !chosen.size || plot.groups[item].some(one => chosen.has(one));
  const panels = plot.panels.map(one => panel(one));
  const redraw = () => panels.forEach(one => one.draw());
  let selected = -1;

  function select(item, from) {
    selected = item;
    panels.forEach(one => one.card(item, one === from));
    said.textContent = item < 0 ? "" : from.words(item);
    redraw();
  }

  function panel(data) {
    const canvas = make("canvas"), card = make("div", { class: "card", hidden: "" });
    const area = make("div", {
      class: "panel", tabindex: "0", role: "application", "aria-roledescription": "scatter plot",
      "aria-label": `${data.title}. ${plot.said} Arrow keys go from dot to dot, Escape leaves them.`,
    }, canvas, card);
    const choice = make("select"), box = make("div", { class: "box" }, make("h3", {}, data.title));
    let view = data.views.length - 1, at = data.views[view], frame = 0;
    const own = { draw, words, card: showCard, box };

    function place(item) {
      const [w, h] = [area.clientWidth, area.clientHeight], left = data.axes ? MARGIN.left : MARGIN.other;
      const low = data.axes ? MARGIN.bottom : MARGIN.other;
      return [left + at.x[item] / 1000 * (w - left - MARGIN.other), h - low - at.y[item] / 1000 * (h - low - MARGIN.other)];
    }
    function draw() {
      const dense = devicePixelRatio || 1, [w, h] = [area.clientWidth, area.clientHeight];
      if (!w) return;
      [canvas.width, canvas.height] = [w * dense, h * dense];
      const pen = canvas.getContext("2d");
      pen.scale(dense, dense);
      if (data.axes) axes(pen, w, h);
      const radius = plot.names.length > 400 ? 2.6 : 3.6;
      const dot = (item, alpha) => {
        pen.globalAlpha = alpha;
        pen.fillStyle = data.colour || plot.classes[plot.groups[item][0]].colour;
        pen.beginPath();
        pen.arc(...place(item), radius, 0, 7);
        pen.fill();
      };
      for (const faint of [true, false]) plot.names.forEach((_, item) => { if (isShown(item) !== faint) dot(item, faint ? 0.12 : 0.85); });
      if (selected < 0) return;
      dot(selected, 1);
      for (const [colour, width] of [["#fff", 5], ["#111", 2]]) {
        [pen.strokeStyle, pen.lineWidth] = [colour, width];
        pen.beginPath();
        pen.arc(...place(selected), 7, 0, 7);
        pen.stroke();
      }
    }
    function axes(pen, w, h) {
      [pen.fillStyle, pen.strokeStyle, pen.font] = ["#333", "#888", "12px system-ui, sans-serif"];
      pen.strokeRect(MARGIN.left - 6, 6, w - MARGIN.left, h - MARGIN.bottom);
      const ends = (low, high, put) => [0, 0.5, 1].forEach(t => put((low + t * (high - low)).toFixed(2).replace("-", "−"), t));
      pen.textAlign = "center";
      ends(...at.ends.slice(0, 2), (text, t) => pen.fillText(text, MARGIN.left + t * (w - MARGIN.left - MARGIN.other) - (t === 1 ? 8 : 0), h - 20));
      pen.fillText(data.axes[0], (w + MARGIN.left) / 2, h - 5, w - MARGIN.left);
      pen.textAlign = "right";
      ends(...at.ends.slice(2), (text, t) => pen.fillText(text, MARGIN.left - 10, h - MARGIN.bottom + 4 - t * (h - MARGIN.bottom - MARGIN.other)));
      pen.save();
      pen.translate(13, (h - MARGIN.bottom) / 2);
      pen.rotate(-Math.PI / 2);
      pen.textAlign = "center";
      pen.fillText(data.axes[1], 0, 0, h - MARGIN.bottom);
      pen.restore();
    }
    function words(item) {
      if (!data.axes) return plot.names[item];
      const value = (place, low, high) => (low + place / 1000 * (high - low)).toFixed(2).replace("-", "−");
      const [a, b, c, d] = at.ends;
      return `${plot.names[item]}; ${data.axes[0]}: ${value(at.x[item], a, b)}; ${data.axes[1]}: ${value(at.y[item], c, d)}`;
    }
    function showCard(item, here) {
      card.hidden = item < 0 || !here;
      if (card.hidden) return;
      card.replaceChildren(...plot.shown[item].map(tile), make("span", {}, words(item)));
      const [x, y] = place(item), [w, h] = [area.clientWidth, area.clientHeight];
      card.style.cssText = (x > w / 2 ? `right:${w - x + 12}px;` : `left:${x + 12}px;`) + (y > h / 2 ? `bottom:${h - y + 8}px` : `top:${y + 8}px`);
    }
    function nearest(measure, most) {
      let [found, least] = [-1, most];
      plot.names.forEach((_, item) => {
        const far = isShown(item) ? measure(...place(item), item) : Infinity;
        if (far < least) [found, least] = [item, far];
      });
      return found;
    }
    const point = event => {
      const edge = area.getBoundingClientRect(), [x, y] = [event.clientX - edge.left - 1, event.clientY - edge.top - 1];
      select(nearest((a, b) => Math.hypot(a - x, b - y), event.pointerType === "touch" ? 2 * NEAR : NEAR), own);
    };
    area.addEventListener("pointermove", event => { if (event.pointerType !== "touch") point(event); });
    area.addEventListener("pointerdown", point);
    area.addEventListener("pointerleave", event => { if (event.pointerType !== "touch") select(-1, own); });
    area.addEventListener("keydown", event => {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (event.key === "Escape") return select(-1, own);
      if (!way) return;
      event.preventDefault();
      const [x, y] = selected < 0 ? [area.clientWidth / 2, area.clientHeight / 2] : place(selected);
      const next = nearest((a, b, item) => {
        const ahead = (a - x) * way[0] + (b - y) * way[1], aside = Math.abs((a - x) * way[1]) + Math.abs((b - y) * way[0]);
        return item === selected || (selected >= 0 && (ahead <= 0 || aside > ahead)) ? Infinity : ahead ** 2 + aside ** 2;
      }, Infinity);
      if (next >= 0) select(next, own);
    });
    function go(to) {
      const [from, target, start] = [at, data.views[to], performance.now()];
      view = to;
      cancelAnimationFrame(frame);
      const step = now => {
        const t = still.matches ? 1 : Math.min(1, Math.max(0, (now - start) / 500)), mix = (a, b) => a.map((value, i) => value + t * (b[i] - value));
        at = t < 1 ? { ...target, x: mix(from.x, target.x), y: mix(from.y, target.y) } : target;
        draw();
        if (t < 1) frame = requestAnimationFrame(step);
      };
      step(start);
    }
    if (data.views.length > 1) {
      data.views.forEach((one, place) => choice.append(make("option", { value: place }, one.name)));
      choice.value = view;
      choice.onchange = () => { select(-1, own); go(Number(choice.value)); };
      box.append(make("label", {}, "Layer ", choice));
    }
    box.append(area);
    new ResizeObserver(draw).observe(area);
    return own;
  }

  if (plot.classes.length > 1 && plot.classes.length <= 40) {
    const legend = make("div", { class: "classes", role: "group", "aria-label": "Show these classes alone" });
    plot.classes.forEach((one, place) => {
      const dot = make("span", { class: "dot", style: `background:${one.colour}` });
      const button = make("button", { type: "button", "aria-pressed": "false" }, ...(plot.panels[0].colour ? [] : [dot]), one.name);
      button.onclick = () => {
        if (!chosen.delete(place)) chosen.add(place);
        button.setAttribute("aria-pressed", chosen.has(place));
        select(-1, panels[0]);
      };
      legend.append(button);
    });
    live.append(legend);
  }
  live.append(make("div", { class: "panels" }, ...panels.map(one => one.box)), said);
  live.hidden = figure.hidden = false;
  figure.querySelector(".still")?.removeAttribute("open");
  redraw();
}
