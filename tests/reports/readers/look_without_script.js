// Looks at the page in the first frame, which may run no script, and says what is wrong and which text there is.
"use strict";
addEventListener("load", () => setTimeout(() => {
  const wrong = [], page = document.querySelector("iframe").contentDocument;
  const is_shown = e => e.getClientRects().length > 0;
  // What nothing would happen by.
  for (const e of page.querySelectorAll("button,input,select")) {
    if (is_shown(e)) wrong.push(`does nothing: ${e.outerHTML.slice(0, 60)}`);
  }
  for (const e of page.querySelectorAll("h1,h2,td,dd,caption")) {
    if (e.textContent.trim() && !is_shown(e) && !e.closest(".script")) wrong.push(`is hidden: ${e.textContent.slice(0, 40)}`);
  }
  for (const e of page.querySelectorAll("tbody")) {
    if (is_shown(e.parentElement) && !e.rows.length) wrong.push(`an empty table: ${e.parentElement.caption.textContent}`);
  }
  const modes = page.getElementById("modes");
  if (modes && !modes.querySelector("svg > rect > title")) wrong.push("the modes are not drawn");
  const root = page.documentElement;
  if (root.scrollWidth > root.clientWidth) wrong.push(`${root.scrollWidth} wide on ${root.clientWidth}`);
  document.getElementById("said").textContent = wrong.join("\n") + "\n== " + page.body.innerText;
}, 50));
