#include "rz/reports/svg/flame_graph_script.h"

namespace rz::reports {

// It stands in XML as it is, and so has neither `<` nor `&`. `top` is the box that is zoomed to.
const std::string_view kFlameGraphScript = R"js(
"use strict";
(() => {
const boxes = [...document.querySelectorAll("svg.f")].map(e => ({e,
  x: parseFloat(e.getAttribute("x")), w: parseFloat(e.getAttribute("width")),
  y: parseFloat(e.getAttribute("y")), told: e.querySelector("title").textContent,
  name: e.querySelector("text").textContent}));
const near = 1e-4;
const find = id => document.getElementById(id);
const within = (a, b) => a.x + near >= b.x ? b.x + b.w + near >= a.x + a.w : false;
let top = boxes[0];
function draw() {
  const pixels = window.innerWidth / 100;
  for (const b of boxes) {
    const above = top.y > b.y;
    const shown = above ? within(top, b) : within(b, top);
    b.e.style.display = shown ? "" : "none";
    if (!shown) continue;
    const w = above ? 100 : b.w / top.w * 100;
    b.e.setAttribute("x", (above ? 0 : (b.x - top.x) / top.w * 100) + "%");
    b.e.setAttribute("width", w + "%");
    b.e.classList.toggle("up", above);
    b.e.classList.toggle("s", 24 > w * pixels);
  }
  find("reset").disabled = top === boxes[0];
}
function search() {
  const wanted = find("search").value.toLowerCase();
  const hits = boxes.filter(b => {
    const hit = wanted ? b.name.toLowerCase().includes(wanted) : false;
    b.e.classList.toggle("hit", hit);
    return hit;
  });
  const outermost = hits.filter(b => !hits.some(o => b.y > o.y ? within(b, o) : false));
  const sum = outermost.reduce((all, b) => all + b.w, 0);
  if (wanted) tell(hits.length ? "Matches: " + hits.length + ", " + sum.toFixed(1) + "% of the whole" : "Nothing matches.");
  else tell("");
}
function tell(text) { find("told").textContent = text || find("told").dataset.usual; }
function box_of(event) {
  const e = event.target.closest ? event.target.closest("svg.f") : null;
  return boxes.find(b => b.e === e);
}
document.addEventListener("click", event => {
  const b = box_of(event);
  if (!b) return;
  top = b;
  draw();
  tell(b.told);
});
document.addEventListener("keydown", event => {
  const b = box_of(event);
  if (b) if (event.key === "Enter") { top = b; draw(); }
  if (event.key === "Escape") { top = boxes[0]; draw(); }
});
for (const kind of ["mouseover", "focusin"]) {
  document.addEventListener(kind, event => { const b = box_of(event); if (b) tell(b.told); });
}
find("search").addEventListener("input", search);
find("reset").addEventListener("click", () => { top = boxes[0]; draw(); });
window.addEventListener("resize", draw);
for (const id of ["script", "plain"]) find(id).style.display = id === "script" ? "" : "none";
draw();
})();
)js";

}  // namespace rz::reports
