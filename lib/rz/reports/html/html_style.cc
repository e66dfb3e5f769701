#include "rz/reports/html/html_style.h"

namespace rz::reports {

// A mode is told by a letter and a pattern beside its colour. Letters have the contrast of WCAG AA
// on their colours, which are the same in the light and in the dark.
const std::string_view kHtmlStyle = R"(
:root{color-scheme:light dark;--text:#1c2024;--faint:#60646c;--line:#d0d4da;--page:#fff;--box:#f5f6f8;--link:#0b57d0;--warm:#b3541e}
@media screen and (prefers-color-scheme:dark){:root{--text:#edeef0;--faint:#b0b4ba;--line:#43484e;--page:#111315;--box:#1c2024;--link:#8ab4f8;--warm:#f2a65a}}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;color:var(--text);background:var(--page);max-width:76rem;margin:0 auto;padding:1rem}
h1{font-size:1.5rem;margin:.5rem 0}h2{font-size:1.15rem;margin:2rem 0 .5rem}
p{margin:.4rem 0}.faint,figcaption,caption{color:var(--faint);font-size:.9rem}
caption{text-align:left;padding:.2rem 0}figure{margin:0}figure+.wide{margin-top:.6rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(9rem,1fr));gap:.6rem;margin:.6rem 0}
.tiles div{background:var(--box);border:1px solid var(--line);border-radius:.4rem;padding:.5rem .7rem}
.tiles dt{color:var(--faint);font-size:.9rem}.tiles dd{margin:0;font-size:1.2rem;font-weight:600;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--line)}
.wide+p{margin-top:1rem}
td{overflow-wrap:anywhere}td.n,th.n{text-align:right;white-space:nowrap;overflow-wrap:normal}td.t{white-space:nowrap;overflow-wrap:normal}
td.w,th.w{min-width:11rem}
.mode{display:inline-block;padding:0 .4rem;border-radius:.2rem;border:1px solid #0006;white-space:nowrap;font-weight:600}
p>.mode{white-space:normal}
.P{background-color:#b7e4c7;color:#0b3d24}
.H{background-color:#ffd166;color:#3d2a00}
.S{background-color:#b3261e;color:#fff}
.U{background-color:#d0d4da;color:#1c2024}
.M{background-color:#cfe0ff;color:#0b2a66}
.days{position:relative;list-style:none;margin:0;padding:0 0 4.6rem;display:grid;grid-template-columns:repeat(auto-fill,minmax(2.3rem,1fr));gap:2px}
.days li{min-height:2.8rem;text-align:center;border:1px solid #0006;border-radius:.2rem;font-weight:700;line-height:1.2;padding-top:.2rem}
.days .H{background-image:repeating-linear-gradient(45deg,#0000 0 6px,#3d2a0030 6px 9px)}
.days .S{background-image:repeating-linear-gradient(45deg,#0000 0 6px,#0004 6px 9px),repeating-linear-gradient(-45deg,#0000 0 6px,#0004 6px 9px)}
.days .U{background-image:radial-gradient(#0004 15%,#0000 16%);background-size:8px 8px}
.days li::before{display:block}
.days .P::before{content:"P"}.days .H::before{content:"H"}.days .S::before{content:"S"}.days .U::before{content:"?"}.days .M::before{content:"m"}
.days i{font:inherit;font-weight:400;font-size:.7rem;white-space:nowrap}
.days::after{content:"Point at one, or step to it by Tab, to read its times.";position:absolute;left:0;bottom:1.6rem;color:var(--faint);font-size:.9rem}
.days .H::before,.days .H i{background:#ffd166}.days .S::before,.days .S i{background:#b3261e}.days .U::before,.days .U i{background:#d0d4da}
.days li::before{width:fit-content;margin:0 auto;padding:0 .15rem}
.days span{position:absolute;left:0;right:0;bottom:0;min-height:4.2rem;padding:.4rem .6rem;text-align:left;font-weight:400;line-height:1.4;color:var(--text);background:var(--box);border:1px solid var(--line);border-radius:.3rem;opacity:0;pointer-events:none}
.days li:hover span,.days li:focus span{opacity:1;z-index:1}
.days li:focus,svg:focus,button:focus-visible,input:focus-visible,select:focus-visible,.wide:focus-visible{outline:3px solid var(--link);outline-offset:1px}
svg{display:block;width:100%;background:var(--box);border:1px solid var(--line)}
.modes{height:5rem;touch-action:pan-y;user-select:none}
.burn{height:11rem}.burn .left{fill:none;stroke:var(--link);stroke-width:2;vector-effect:non-scaling-stroke}
.burn .zero{stroke:var(--text);stroke-width:1;stroke-dasharray:4 3;vector-effect:non-scaling-stroke}
.chart{display:grid;grid-template-columns:auto 1fr;gap:.2rem .5rem;margin:.6rem 0}
.chart svg{height:13rem;min-width:0}.chart .ends{grid-column:2}
.ys{display:flex;flex-direction:column;justify-content:space-between;text-align:right;color:var(--faint);font-size:.9rem;line-height:1;font-variant-numeric:tabular-nums;min-width:4rem}
.legend{grid-column:2;list-style:none;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.9rem}
.legend i{display:inline-block;width:2rem;margin-right:.4rem;vertical-align:middle;border-top:3px solid var(--link)}
.legend .k2{border-top:3px dashed var(--warm)}.legend .k3{border-top:3px dotted var(--faint)}
.chart path{fill:none;vector-effect:non-scaling-stroke}.grid{stroke:var(--line);stroke-width:1}
.l1,.d1{stroke:var(--link)}.l2,.d2{stroke:var(--warm)}.l3,.d3{stroke:var(--faint)}
.l1,.l2,.l3{stroke-width:2}.l2{stroke-dasharray:8 5}.l3{stroke-dasharray:2 4}
.d1,.d2,.d3{stroke-width:7;stroke-linecap:round}.d3{stroke-width:4}.chart .cross{stroke-linecap:square;stroke-width:8}
.samples{margin:.9rem 0}.samples figcaption{color:var(--text);font-weight:600;overflow-wrap:anywhere}
.strip{height:3.2rem}.strip path,.interval path{fill:none;vector-effect:non-scaling-stroke}
.dots{stroke:var(--link);stroke-width:5;stroke-linecap:round;opacity:.6}.half{fill:var(--line);opacity:.7}
.middle{stroke:var(--text);stroke-width:3}
.forest .what{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1rem;margin-top:.6rem;overflow-wrap:anywhere}
.interval{height:1.8rem}.interval .none{stroke:var(--text);stroke-width:1}.interval .limit{stroke:var(--faint);stroke-width:1;stroke-dasharray:4 3}
.interval .bar{stroke:var(--text);stroke-width:1;vector-effect:non-scaling-stroke}
.ends{display:flex;justify-content:space-between;color:var(--faint);font-size:.9rem}
.pick{fill:none;stroke:var(--text);stroke-width:3}.drag{fill:var(--link);opacity:.3}
.keys{list-style:none;padding:0;margin:.4rem 0;display:flex;flex-wrap:wrap;gap:.4rem}
button,input,select{font:inherit;color:inherit;background:var(--box);border:1px solid var(--faint);border-radius:.3rem;padding:.2rem .7rem;min-height:2.2rem}
.tools{display:flex;flex-wrap:wrap;gap:.4rem;margin:.5rem 0;align-items:center}.tools[hidden]{display:none}
#readout{min-height:3em}
@media screen and (max-width:40rem){.cards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.cards tbody tr{display:flex;flex-wrap:wrap;gap:.1rem .7rem;padding:.4rem 0;border-bottom:1px solid var(--line)}.cards td{border:0;padding:0}
th,td{padding:.3rem}table{font-size:.9rem}}
@media print{body{max-width:none;padding:0}.tools,#readout,.script{display:none!important}.days{padding-bottom:0}.days::after{display:none}.days span{display:none}
table{font-size:.8rem}th,td,td.n,td.t{white-space:normal;padding:.2rem .4rem}.mode{white-space:normal}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}section{break-inside:avoid-page}:root{color-scheme:light}}
@media(prefers-reduced-motion:reduce){*{transition:none!important}}
)";

}  // namespace rz::reports
