// The HTML page of a run as a browser sees it. Usage: node page.mjs FOLDER, with
// the pages that TestPages writes; CHROMIUM is the browser. Each check is told by
// its name; one that fails, fails the whole.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const folder = process.argv[2];
const shots = process.env.SHOTS;
if (shots) mkdirSync(shots, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu", "--disable-quic"] });

// Opens a page, and gathers what it complains of and asks for.
async function open(name, options = {}) {
  const { media, ...settings } = options;
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...settings });
  const page = await context.newPage();
  const trouble = [], asked = [];
  page.on("console", (m) => { if (["error", "warning"].includes(m.type())) trouble.push(m.text()); });
  page.on("pageerror", (e) => trouble.push(String(e)));
  page.on("dialog", (d) => { trouble.push("dialog: " + d.message()); d.dismiss(); });
  const url = pathToFileURL(join(folder, name + ".html")).href;
  page.on("request", (r) => { if (r.url() !== url) asked.push(r.url()); });
  if (media) await page.emulateMedia(media);
  await page.goto(url);
  return { page, context, trouble, asked };
}

// Nothing may stand outside of the width of the page, but in what scrolls.
const overflows = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;

async function each(name, options, check) {
  const opened = await open(name, options);
  await check(opened.page, opened);
  assert.deepEqual(opened.trouble, [], `${name}: the console has errors`);
  assert.deepEqual(opened.asked, [], `${name}: something was asked for`);
  await opened.context.close();
}

const checks = {
  "every page opens, light and dark, wide and narrow, without errors and requests": async () => {
    for (const name of ["typical", "hostile", "empty", "aborted", "clients", "large"]) {
      for (const [form, width] of [["desktop", 1280], ["phone", 390]]) {
        for (const colorScheme of ["light", "dark"]) {
          await each(name, { viewport: { width, height: 900 }, colorScheme }, async (page) => {
            assert.ok(await page.evaluate(overflows) <= 0, `${name} is wider than a ${form}`);
            const [paper, ink] = await page.evaluate(() => { const s = getComputedStyle(document.body); return [s.backgroundColor, s.color]; });
            const bright = (c) => c.match(/\d+/g).slice(0, 3).reduce((a, v) => a + Number(v), 0);
            assert.equal(bright(paper) > bright(ink), colorScheme === "light", `${name} in ${colorScheme}: ${ink} on ${paper}`);
            if (shots) await page.screenshot({ path: join(shots, `${name}-${form}-${colorScheme}.png`), fullPage: true });
          });
        }
      }
    }
  },
  "all charts are there, and each is named": async () => {
    await each("large", {}, async (page) => {
      const labels = await page.locator("figure.chart").evaluateAll((all) => all.map((f) => f.getAttribute("aria-label")));
      for (let i = 1; i <= 5; i++) assert.ok(labels.includes(`Load of model-${i}, step ramp`), `no chart of model-${i} among ${labels}`);
      assert.ok(labels.some((l) => l.startsWith("Usage by model")), "no dashboard");
      const sizes = await page.locator("figure.chart svg").evaluateAll((all) => all.map((s) => s.getBoundingClientRect()).map((b) => [b.width, b.height]));
      for (const [w, h] of sizes) assert.ok(w > 300 && h > 100, `a chart of ${w} x ${h}`);
    });
    await each("typical", {}, async (page) => {
      const text = await page.locator("#model-1").locator("xpath=..").textContent();
      for (const part of ["requests per minute", "first throttle", "quota 200", "quota tokens per minute", "reserved", "time to the first text", "how the times spread", "Quotas of sonnet"]) {
        assert.ok(text.includes(part), `the section of a model lacks "${part}"`);
      }
    });
  },
  "hovering tells the numbers of the record": async () => {
    await each("typical", {}, async (page) => {
      const panel = page.locator("figure.chart").first().locator("[data-plot]").nth(1);
      const want = await panel.evaluate((g) => [...g.querySelectorAll("[data-series]")].map((s) => `${s.dataset.series}: ${s.dataset.values.split(",")[100]}`));
      await panel.scrollIntoViewIfNeeded();
      const at = await panel.evaluate((g) => {
        const [left, right, top, bottom] = g.dataset.plot.split(" ").map(Number), [from, to] = g.dataset.span.split(" ").map(Number);
        const period = Number(g.querySelector("[data-series]").dataset.period);
        const p = new DOMPoint(left + (right - left) * (100.5 * period) / (to - from), (top + bottom) / 2).matrixTransform(g.getScreenCTM());
        return [p.x, p.y];
      });
      await page.mouse.move(...at);
      const said = (await page.locator(".tip").textContent()).split("\n");
      assert.ok(await page.locator(".tip").isVisible(), "nothing is shown");
      assert.deepEqual(said.slice(1), want);
      assert.match(said[0], /^Nov 22, 04:08:\d\d UTC$/);
      if (shots) await page.screenshot({ path: join(shots, "hover.png") });
      await page.mouse.move(2, 2);
      assert.ok(await page.locator(".tip").isHidden(), "it stays");
    });
  },
  "clients side by side tell the numbers of each, and what is missing": async () => {
    await each("clients", {}, async (page) => {
      const chart = page.locator("#clients").locator("xpath=..").locator("figure.chart");
      const plots = chart.locator("[data-plot]");
      assert.equal(await plots.count(), 3);
      await chart.focus();
      for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowRight");
      const said = await page.locator("[aria-live]").textContent();
      const want = await plots.first().evaluate((g) => [...g.querySelectorAll("[data-series]")].map((s) => `${s.dataset.series}: ${s.dataset.values.split(",")[2] || "no data"}`));
      assert.deepEqual(said.split("\n"), ["success rate, % of the calls", "150 %", ...want]);
      assert.ok(want.some((w) => w.endsWith("no data")) && want.some((w) => /: [0-9.]+$/.test(w)), want.join("; "));
      await page.keyboard.press("ArrowDown");
      assert.match(await page.locator("[aria-live]").textContent(), /^latency .*\n150 %\n.*: [0-9.]+ to [0-9.]+/);
    });
  },
  "arrow keys do the same, and a reader of screens hears it": async () => {
    await each("typical", {}, async (page) => {
      const chart = page.locator("figure.chart").first();
      await chart.focus();
      for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowRight");
      const first = await page.locator("[aria-live]").textContent();
      assert.match(first, /^sonnet, requests per minute.*\n.*\nsent: \d+/);
      await page.keyboard.press("ArrowDown");
      assert.match(await page.locator("[aria-live]").textContent(), /^sonnet, calls per .*\n.*\nok: \d+/);
      assert.equal(await page.getByRole("img", { name: "Load of sonnet, step ramp" }).count(), 1);
      assert.ok(await page.locator(".tip").isVisible());
      await page.keyboard.press("Escape");
      assert.ok(await page.locator(".tip").isHidden());
    });
  },
  "series can be hidden and shown": async () => {
    await each("typical", {}, async (page) => {
      const button = page.locator(".toggles").first().getByRole("button", { name: "throttled", exact: true });
      const series = page.locator("figure.chart").first().locator('[data-series="throttled"]').first();
      assert.equal(await button.getAttribute("aria-pressed"), "true");
      await button.click();
      assert.equal(await button.getAttribute("aria-pressed"), "false");
      assert.ok(await series.isHidden(), "the series is still there");
      await button.press("Enter");
      assert.ok(await series.isVisible(), "the series does not come back");
    });
  },
  "a verdict opens, and leads to its line of the scenario": async () => {
    await each("typical", {}, async (page) => {
      const passed = page.locator("details.verdict", { hasText: "answers in time" });
      assert.equal(await passed.getAttribute("open"), null);
      await passed.locator("summary").press("Enter");
      const link = passed.getByRole("link");
      const line = (await link.textContent()).split(":")[1];
      await link.click();
      assert.equal(await page.evaluate(() => document.querySelector(".source :target").id), "line-" + line);
      assert.ok(await page.locator("svg.interval").count() > 0, "no interval is drawn");
    });
  },
  "hostile names are text": async () => {
    await each("hostile", {}, async (page) => {
      const name = `<script>alert("1")</script>&'`;
      assert.ok((await page.locator("h2#model-1").textContent()).startsWith(name), "the heading has another name");
      assert.ok((await page.locator("figure.chart text").allTextContents()).some((t) => t.startsWith("<script>")), "no chart has the name");
      assert.equal(await page.locator("script").count(), 1);
      assert.equal(await page.locator("[onload], [onclick], [onerror], img, iframe, base, form").count(), 0);
      const panel = page.locator("figure.chart").first().locator("[data-plot]").first();
      await panel.scrollIntoViewIfNeeded();
      const box = await panel.boundingBox();
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      assert.equal(await page.locator(".tip *").count(), 0, "what is shown holds markup");
    });
  },
  "everything can be read without the script": async () => {
    await each("typical", { javaScriptEnabled: false }, async (page) => {
      assert.ok(await page.locator("figure.chart svg").first().isVisible());
      assert.equal(await page.locator(".toggles").count(), 0);
      await page.locator("summary").last().click();
      assert.ok(await page.locator("details .inside").last().isVisible());
    });
  },
  "on paper all is open, and white": async () => {
    for (const javaScriptEnabled of [true, false]) {
      await each("typical", { javaScriptEnabled, media: { media: "print", colorScheme: "dark" } }, async (page) => {
        for (const inside of await page.locator("details .inside").all()) assert.ok((await inside.boundingBox())?.height > 0, "a verdict is closed");
        if (shots && !javaScriptEnabled) {
          await page.screenshot({ path: join(shots, "print.png"), fullPage: true });
          await page.pdf({ path: join(shots, "print.pdf") });
        }
      });
    }
  },
  "headings are in order, tables have names, and what is focused is seen": async () => {
    for (const name of ["typical", "hostile", "empty", "clients"]) {
      await each(name, {}, async (page) => {
        const levels = await page.locator("h1, h2, h3").evaluateAll((all) => all.map((h) => Number(h.tagName[1])));
        assert.equal(levels.filter((l) => l === 1).length, 1);
        levels.forEach((l, i) => assert.ok(i === 0 || l <= levels[i - 1] + 1, `${name}: heading ${i} skips a level`));
        for (const landmark of ["main", "banner", "navigation"]) assert.equal(await page.getByRole(landmark).count(), 1, `${name}: ${landmark}`);
        assert.equal(await page.locator("table:not(:has(caption))").count(), 0, `${name}: a table without a caption`);
        assert.equal(await page.locator("th:not([scope])").count(), 0, `${name}: a head without a scope`);
        const ids = await page.locator("[id]").evaluateAll((all) => all.map((e) => e.id));
        assert.equal(new Set(ids).size, ids.length, `${name}: an id is there twice`);
        const dangling = await page.locator("a[href^='#']").evaluateAll((all) => all.map((a) => a.getAttribute("href").slice(1)).filter((id) => !document.getElementById(id)));
        assert.deepEqual(dangling, [], `${name}: links lead nowhere`);
        await page.keyboard.press("Tab");
        assert.equal(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), "solid");
      });
    }
  },
};

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log("ok  " + name);
  } catch (e) {
    failed++;
    console.log("FAILED  " + name + "\n  " + String(e.message).split("\n").join("\n  "));
  }
}
await browser.close();
process.exitCode = failed ? 1 : 0;
