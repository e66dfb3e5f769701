// Looks at the page that it is put into, as somebody would who cannot see colours, has no mouse, or
// holds a phone, and tells the page around it what is wrong.
"use strict";
addEventListener("load", () => setTimeout(() => {
  const wrong = [];
  const visible = e => {
    for (let at = e; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.display === "none" || style.visibility === "hidden" || style.opacity === "0") return false;
    }
    return e.getClientRects().length > 0;
  };
  const parts = color => color.match(/[\d.]+/g).map(Number);
  // WCAG 2.2, relative luminance.
  const luminance = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const background = e => {
    for (let at = e; at; at = at.parentElement) {
      const color = parts(getComputedStyle(at).backgroundColor);
      if (color.length < 4 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const contrast = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };

  // ---- All text can be read.
  let texts = 0;
  for (const e of document.body.querySelectorAll("*")) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !visible(e) || e.closest("script,style,svg")) continue;
    ++texts;
    const ratio = contrast(parts(getComputedStyle(e).color), background(e));
    if (ratio < 4.5) wrong.push(`contrast ${ratio.toFixed(2)} of "${e.textContent.slice(0, 30)}"`);
  }
  if (texts < 10) wrong.push("there is hardly any text");

  // ---- What a picture is made of can be told from what is behind it (WCAG 2.2, 1.4.11).
  const stands_out = (color, back) => /^rgb/.test(color) && contrast(parts(color), back) >= 3;
  // What nobody has set is black, and is not drawn.
  const colors = e => ["fill", "stroke"].filter(name => e.hasAttribute(name)).map(name => getComputedStyle(e)[name]);
  for (const svg of document.querySelectorAll("svg")) {
    const back = background(svg);
    for (const pattern of svg.querySelectorAll("pattern")) {
      const seen = [...pattern.children].flatMap(colors);
      if (!seen.some(color => stands_out(color, back))) wrong.push(`${pattern.id} does not stand out`);
    }
    for (const e of svg.querySelectorAll("polyline,line")) {
      if (!stands_out(getComputedStyle(e).stroke, back)) wrong.push(`a line of ${svg.getAttribute("class")} does not stand out`);
    }
  }

  // ---- It fits.
  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth) wrong.push(`${page.scrollWidth} wide on ${page.clientWidth}`);

  // ---- Keys reach all of it in the order in which it is read, and show where they are.
  const stops = [...document.querySelectorAll("a,button,input,select,[tabindex]")]
    .filter(e => e.tabIndex >= 0 && !e.disabled && visible(e));
  if (!stops.length) wrong.push("keys reach nothing");
  let before = -1;
  for (const e of stops) {
    if (e.tabIndex > 0) wrong.push(`an order of its own: ${e.outerHTML.slice(0, 60)}`);
    const top = e.getBoundingClientRect().bottom;
    if (top < before - 1) wrong.push(`keys go back up at ${e.outerHTML.slice(0, 60)}`);
    before = Math.max(before, e.getBoundingClientRect().top);
    e.focus();
    if (document.activeElement !== e) wrong.push(`keys do not reach ${e.outerHTML.slice(0, 60)}`);
    if (getComputedStyle(e).outlineStyle === "none") wrong.push(`focus does not show on ${e.outerHTML.slice(0, 60)}`);
  }

  // ---- Pictures and tables say what they are.
  for (const e of document.querySelectorAll("svg")) if (!e.getAttribute("aria-label")) wrong.push("a picture without a name");
  for (const e of document.querySelectorAll("table")) if (!e.caption) wrong.push("a table without a caption");
  for (const e of document.querySelectorAll("input,select")) if (!e.labels.length) wrong.push("a field without a label");

  // ---- The script works under the policy of the page.
  const key = (e, name) => e.dispatchEvent(new KeyboardEvent("keydown", {key: name, bubbles: true, cancelable: true}));
  const text = id => document.getElementById(id).textContent;
  const modes = document.getElementById("modes");
  if (modes) {
    if (document.getElementById("zoom").hidden) wrong.push("the script did not run");
    const whole = text("from") + text("to");
    document.getElementById("zoom_in").click();
    if (text("from") + text("to") === whole) wrong.push("it does not zoom");
    key(modes, "Escape");
    if (text("from") + text("to") !== whole) wrong.push("it does not zoom out");
    key(modes, "Home"); key(modes, "ArrowRight");
    if (!text("readout").includes("safe from") || !text("readout").includes("<b>why</b>")) wrong.push(`read out: ${text("readout")}`);
    if (!modes.querySelector("rect.pick")) wrong.push("what is read out is not marked");
    if (!document.querySelectorAll("#inview tr").length) wrong.push("nothing in view");
    const days = document.querySelectorAll(".days li");
    if (days.length) {
      days[0].focus(); key(days[0], "ArrowRight");
      if (document.activeElement !== days[1]) wrong.push("arrows do not move among days");
      if (getComputedStyle(days[1].querySelector("span")).opacity !== "1") wrong.push("a day does not tell its times");
      key(days[1], "Enter");
      if (text("from") + text("to") === whole) wrong.push("a day is not zoomed to");
    }
  }
  const find = document.getElementById("find_text");
  if (find) {
    const all = document.querySelectorAll("#rows tr").length;
    const told = [...document.querySelectorAll("#rows tr")].map(row => row.innerText.replace(/\s+/g, " ").trim());
    if (!told.length || told.some(row => !/^\d{4}-\S+Z (primary|heuristic|safe) (primary|heuristic|safe) \S/.test(row))) wrong.push(`rows: ${told}`);
    find.value = "WHY"; find.oninput();
    const found = document.querySelectorAll("#rows tr").length;
    if (!(found > 0 && found < all)) wrong.push(`found ${found} of ${all}`);
    if (!text("rows").includes("<b>why</b>")) wrong.push("a reason is not text");
  }
  if (document.querySelector("td b")) wrong.push("data became markup");
  parent.postMessage(wrong.join("\n") || "nothing is wrong", "*");
}, 50));
