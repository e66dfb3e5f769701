// Looks at the page that it is put into as if it were on paper, and tells the page around it what is wrong. A browser
// without a window cannot be asked for a printed document, only for its picture; so the rules for print are made those of
// the screen, and those of the screen are left out.
"use strict";
addEventListener("load", () => setTimeout(() => {
  const wrong = [];
  for (const sheet of document.styleSheets) {
    for (const rule of sheet.cssRules) {
      if (!(rule instanceof CSSMediaRule)) continue;
      if (rule.media.mediaText.includes("print")) rule.media.mediaText = "all";
      else if (rule.media.mediaText.includes("screen")) rule.media.mediaText = "not all";
    }
  }
  dispatchEvent(new Event("beforeprint"));

  const is_shown = e => e.getClientRects().length > 0;
  for (const e of document.querySelectorAll("button,input,select")) {
    if (is_shown(e)) wrong.push(`nobody can use on paper ${e.outerHTML.slice(0, 60)}`);
  }
  for (const e of document.querySelectorAll("h1,h2,td,th,dt,dd,li,caption")) {
    const words = e.textContent.trim();
    if (words && !is_shown(e) && !e.closest(".script")) wrong.push(`not on paper: ${words.slice(0, 40)}`);
  }
  // Nobody can scroll paper.
  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth) wrong.push(`${page.scrollWidth} wide on ${page.clientWidth}`);
  for (const e of document.querySelectorAll(".wide")) {
    if (is_shown(e) && e.scrollWidth > e.clientWidth) wrong.push(`${e.ariaLabel} is ${e.scrollWidth} wide on ${e.clientWidth}`);
  }
  const paper = getComputedStyle(document.body);
  if (paper.backgroundColor !== "rgb(255, 255, 255)") wrong.push(`paper is ${paper.backgroundColor}`);
  parent.postMessage(wrong.join("\n") + "\n== " + document.body.innerText, "*");
}, 50));
