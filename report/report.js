"use strict";
// Shows the numbers under the pointer, or at the cursor that arrow keys move, and
// lets series be hidden. The page says everything without it. What it reads are
// the attributes that package chart tells of; it writes text, never markup.
(() => {
  const svgNS = "http://www.w3.org/2000/svg";
  const numbers = (text) => text.split(" ").map(Number);
  const many = new Intl.NumberFormat("en", { maximumSignificantDigits: 6 });

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  const told = document.createElement("div");
  told.className = "skip";
  told.setAttribute("aria-live", "polite");
  document.body.append(tip, told);

  // A plot of a chart: its place within the figure, its time, its series.
  const plotOf = (g) => {
    const [left, right, top, bottom] = numbers(g.dataset.plot);
    const [from, to] = numbers(g.dataset.span);
    const move = g.transform.baseVal.consolidate()?.matrix;
    const x = move ? move.e : 0, y = move ? move.f : 0;
    const series = [...g.querySelectorAll("[data-series]")].map((s) => ({
      group: s, name: s.dataset.series, period: Number(s.dataset.period),
      values: s.dataset.values.split(",").map((v) => (v === "" ? null : v.split(":").map(Number))),
    })).filter((s) => s.period > 0);
    const line = document.createElementNS(svgNS, "path");
    line.setAttribute("class", "cursor off");
    g.append(line);
    return { name: g.dataset.name, line, left, right, top, bottom, from, to, x, y, series, places: g.dataset.places?.split("|"), zone: g.dataset.zone };
  };

  const clock = (plot, at) => {
    const form = { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
    try {
      return new Intl.DateTimeFormat("en", { ...form, timeZone: plot.zone, timeZoneName: "short" }).format(at);
    } catch {
      return new Intl.DateTimeFormat("en", { ...form, timeZone: "UTC", timeZoneName: "short" }).format(at);
    }
  };

  // The words for a moment of a plot: what each series that is shown has there.
  const wordsAt = (plot, at) => {
    const shown = plot.series.filter((s) => !s.group.classList.contains("off"));
    const step = Math.max(...shown.map((s) => s.period));
    const begin = plot.from + Math.floor((at - plot.from) / step) * step;
    const lines = [plot.places ? place(plot, at) : clock(plot, shown.length ? begin : at)];
    for (const s of shown) {
      const v = s.values[Math.floor((at - plot.from) / s.period)];
      lines.push(s.name + ": " + (v ? v.map((n) => many.format(n)).join(" to ") : "no data"));
    }
    return lines.join("\n");
  };
  const place = (plot, at) => {
    const name = plot.places[Math.floor((at - plot.from) / 1000)] ?? "";
    return Number.isNaN(Number(name)) ? name : name + " %";
  };

  const hide = (chart) => {
    for (const p of chart.plots) p.line.classList.add("off");
    tip.hidden = true;
  };
  // Marks a moment in all plots of the same time, and tells of one.
  const show = (chart, plot, at, clientX, clientY) => {
    at = Math.min(Math.max(at, plot.from), plot.to - 1);
    chart.at = at;
    chart.now = chart.plots.indexOf(plot);
    for (const p of chart.plots) {
      const same = p.from === plot.from && p.to === plot.to && Boolean(p.places) === Boolean(plot.places);
      p.line.classList.toggle("off", !same);
      if (same) p.line.setAttribute("d", `M${(p.left + ((at - p.from) / (p.to - p.from)) * (p.right - p.left)).toFixed(1)} ${p.top}V${p.bottom}`);
    }
    tip.textContent = wordsAt(plot, at);
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    const x = clientX + 14 + box.width > innerWidth ? clientX - 14 - box.width : clientX + 14;
    tip.style.left = Math.max(4, x) + "px";
    tip.style.top = Math.max(4, Math.min(clientY + 14, innerHeight - box.height - 4)) + "px";
  };

  for (const figure of document.querySelectorAll(".chart")) {
    const svg = figure.querySelector("svg");
    const plots = [...svg.querySelectorAll("[data-plot]")].map(plotOf).filter((p) => p.series.length > 0);
    if (plots.length === 0) continue;
    const chart = { plots, now: 0, at: null };

    // A title would come up as a second tip.
    const title = svg.querySelector("title"), desc = svg.querySelector("desc");
    svg.setAttribute("aria-label", title.textContent);
    svg.removeAttribute("aria-labelledby");
    svg.setAttribute("aria-describedby", desc.id);
    title.remove();

    svg.addEventListener("pointermove", (e) => {
      const p = new DOMPoint(e.clientX, e.clientY).matrixTransform(svg.getScreenCTM().inverse());
      const plot = chart.plots.find((q) => p.x >= q.x + q.left && p.x <= q.x + q.right && p.y >= q.y + q.top && p.y <= q.y + q.bottom);
      if (!plot) return hide(chart);
      show(chart, plot, plot.from + ((p.x - plot.x - plot.left) / (plot.right - plot.left)) * (plot.to - plot.from), e.clientX, e.clientY);
    });
    svg.addEventListener("pointerleave", () => hide(chart));
    figure.addEventListener("blur", () => hide(chart));
    figure.addEventListener("keydown", (e) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: 0, ArrowDown: 0 }[e.key];
      if (e.key === "Escape") return hide(chart);
      if (step === undefined || e.target !== figure || e.altKey || e.ctrlKey || e.metaKey) return;
      if (chart.at === null && step === 0) return; // the page scrolls until a cursor is there
      e.preventDefault();
      if (step === 0) chart.now = Math.min(Math.max(chart.now + (e.key === "ArrowDown" ? 1 : -1), 0), chart.plots.length - 1);
      const plot = chart.plots[chart.now];
      const period = Math.max(...plot.series.map((s) => s.period));
      const at = chart.at === null || chart.at < plot.from || chart.at > plot.to ? plot.from + period / 2 : chart.at + step * period;
      const box = svg.getBoundingClientRect();
      const scale = box.width / svg.viewBox.baseVal.width;
      show(chart, plot, at, box.left + (plot.x + plot.left + ((at - plot.from) / (plot.to - plot.from)) * (plot.right - plot.left)) * scale, box.top + (plot.y + plot.top) * scale);
      told.textContent = plot.name + "\n" + tip.textContent;
    });

    const toggles = document.createElement("div");
    toggles.className = "toggles";
    toggles.setAttribute("role", "group");
    toggles.setAttribute("aria-label", "Series shown in: " + figure.getAttribute("aria-label"));
    const names = new Set(chart.plots.flatMap((p) => p.series.map((s) => s.name)));
    for (const name of names) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      button.setAttribute("aria-pressed", "true");
      button.addEventListener("click", () => {
        const on = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", String(on));
        for (const p of chart.plots) for (const s of p.series) if (s.name === name) s.group.classList.toggle("off", !on);
        hide(chart);
      });
      toggles.append(button);
    }
    figure.before(toggles);
  }

  // All is open on paper, and as it was on the screen afterwards.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const d of closed) d.open = true;
  });
  addEventListener("afterprint", () => {
    for (const d of closed) d.open = false;
  });
})();
