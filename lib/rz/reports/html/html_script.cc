#include "rz/reports/html/html_style.h"

namespace rz::reports {

// What it shows is put into the page as text alone, never as markup.
const std::string_view kHtmlScript = R"js(
"use strict";(()=>{
const data=JSON.parse(document.getElementById("data").textContent);
const at=id=>document.getElementById(id);
const NAME={P:"primary",H:"heuristic",S:"safe",U:"unknown",M:"maintenance"};
const RANK={M:0,P:1,U:2,H:3,S:4},KIND="MPUHS",HEIGHT={M:8,P:18,U:60,H:38,S:60};
const time=ms=>new Date(ms).toISOString().slice(0,19)+"Z";
const length=ms=>{let s=Math.round(ms/1000);if(s<1)return"less than 1s";
const parts=[[86400,"d"],[3600,"h"],[60,"m"],[1,"s"]].map(([n,u])=>{const k=Math.floor(s/n);s-=k*n;return k?k+u:""}).filter(Boolean);
return parts.slice(0,2).join(" ")};
const make=(tag,text,kind)=>{const e=document.createElement(tag);if(text!==undefined)e.textContent=text;if(kind)e.className=kind;return e};
const badge=k=>make("span",NAME[k],"mode "+k);
const row=(cells)=>{const r=document.createElement("tr");for(const[c,kind]of cells){const d=make("td",undefined,kind);d.append(c);r.append(d)}return r};

function band(){
const svg=at("modes"),readout=at("readout"),body=at("inview");
const most=data.list===undefined?20:5;
const all=[];let t=data.begin;
for(const m of data.band.matchAll(/([0-9a-z]+)([A-Z])([0-9a-z]*),/g)){const from=t;t+=parseInt(m[1],36)*data.unit;
all.push({from,to:t,kind:m[2],why:m[3]?data.reasons[parseInt(m[3],36)]:""})}
if(!all.length)return all;
const begin=data.begin,end=t;let a=begin,b=end,picked=-1,width=0;
const say=i=>{const s=all[i];readout.textContent=NAME[s.kind]+" from "+time(s.from)+" to "+time(s.to)+" ("+length(s.to-s.from)+")"+(s.why?": "+s.why:"")};
const find=ms=>{let l=0,h=all.length-1;while(l<h){const m=(l+h+1)>>1;if(all[m].from<=ms)l=m;else h=m-1}return l};
const x=ms=>(ms-a)/(b-a)*width;
const rect=(kind,x0,x1,h,fill)=>{const r=document.createElementNS("http://www.w3.org/2000/svg","rect");
r.setAttribute("x",x0);r.setAttribute("width",Math.max(x1-x0,1));r.setAttribute("y",60-h);r.setAttribute("height",h);
if(fill)r.setAttribute("fill",fill);if(kind)r.setAttribute("class",kind);return r};
function draw(){
width=Math.max(Math.round(svg.clientWidth),1);svg.setAttribute("viewBox","0 0 "+width+" 60");
svg.querySelectorAll("rect").forEach(r=>{if(!r.closest("pattern"))r.remove()});
const columns=new Int8Array(width).fill(-1);
for(let i=find(a);i<all.length&&all[i].from<b;i++){const s=all[i];
const last=Math.min(width-1,Math.max(Math.floor(x(s.from)),Math.ceil(x(s.to))-1));
for(let c=Math.max(0,Math.floor(x(s.from)));c<=last;c++)columns[c]=Math.max(columns[c],RANK[s.kind])}
for(let c=0;c<width;){let n=c;while(n<width&&columns[n]===columns[c])n++;
if(columns[c]>=0){const k=KIND[columns[c]];svg.append(rect("",c,n,HEIGHT[k],"url(#fill"+k+")"))}c=n}
if(picked>=0){const s=all[picked];if(s.to>=a&&s.from<=b)svg.append(rect("pick",Math.max(0,x(s.from)),Math.min(width,x(s.to)),60))}
at("from").textContent=time(a);at("to").textContent=time(b);
const shown=[];for(let i=find(a);i<all.length&&all[i].from<b;i++)if(all[i].kind!=="P")shown.push(all[i]);
const count=shown.length;shown.sort((p,q)=>(q.to-q.from)-(p.to-p.from));
body.replaceChildren(...shown.slice(0,most).map(s=>row([[badge(s.kind)],[length(s.to-s.from),"n"],[time(s.from),"t"],[s.why]])));
body.parentElement.caption.textContent=count>most?"The "+most+" longest of "+count+" stretches in view that are not primary":"Stretches in view that are not primary";
}
function view(from,to){const least=Math.max(1000,(end-begin)/1e6);let w=Math.min(Math.max(to-from,least),end-begin);
a=Math.min(Math.max(from,begin),end-w);b=a+w;draw()}
const zoom=(f,m=(a+b)/2)=>view(m-(m-a)*f,m+(b-m)*f);
const show=i=>{picked=Math.min(Math.max(i,0),all.length-1);const s=all[picked];
if(s.to<a||s.from>b)view(s.from-(b-a)/2,s.from+(b-a)/2);else draw();say(picked)};
const act={in:()=>zoom(.5),out:()=>zoom(2),back:()=>view(a-(b-a)/2,b-(b-a)/2),on:()=>view(a+(b-a)/2,b+(b-a)/2),all:()=>view(begin,end)};
for(const name in act)at("zoom_"+name).onclick=act[name];
const keys={"+":act.in,"=":act.in,"-":act.out,"0":act.all,Escape:act.all,Home:()=>show(0),End:()=>show(all.length-1),
ArrowRight:()=>show(picked<0?find(a):picked+1),ArrowLeft:()=>show(picked<0?find(a):picked-1),
Enter:()=>{if(picked>=0){const s=all[picked],w=s.to-s.from;view(s.from-w,s.to+w)}}};
svg.onkeydown=e=>{if(e.ctrlKey||e.metaKey||e.altKey)return;const k=keys[e.key];if(k){e.preventDefault();k()}};
const when=e=>{const r=svg.getBoundingClientRect();return a+Math.min(Math.max((e.clientX-r.left)/r.width,0),1)*(b-a)};
let drag=null;
svg.onpointerdown=e=>{if(e.button===0)drag={ms:when(e),x:e.clientX}};
svg.onpointermove=e=>{const ms=when(e),i=find(ms);
if(drag){svg.querySelectorAll(".drag").forEach(r=>r.remove());svg.append(rect("drag",Math.min(x(drag.ms),x(ms)),Math.max(x(drag.ms),x(ms)),60))}
else if(i!==picked){picked=i;draw();say(i)}};
svg.onpointerup=e=>{if(!drag)return;const d=drag;drag=null;if(Math.abs(e.clientX-d.x)>5){const ms=when(e);view(Math.min(d.ms,ms),Math.max(d.ms,ms))}else draw()};
svg.onpointerleave=svg.onpointercancel=()=>{if(drag){drag=null;draw()}};
svg.setAttribute("tabindex","0");svg.removeAttribute("preserveAspectRatio");
at("zoom").hidden=false;at("inview_part").hidden=false;
new ResizeObserver(()=>{if(Math.round(svg.clientWidth)!==width)draw()}).observe(svg);
draw();
const days=[...document.querySelectorAll(".days li")];
days.forEach((d,i)=>{d.tabIndex=i?-1:0;
const go=()=>{const m=data.days[i];if(m!==undefined)view(m,data.days[i+1]??end)};
d.onclick=go;
d.onkeydown=e=>{const n={ArrowRight:i+1,ArrowLeft:i-1,Home:0,End:days.length-1}[e.key];
if(e.key==="Enter"){e.preventDefault();go()}
else if(n!==undefined&&days[n]){e.preventDefault();d.tabIndex=-1;days[n].tabIndex=0;days[n].focus()}}});
return all}

function list(all){
const body=at("rows"),rows=[];let t=0,k=0,who="";
for(const m of data.list.matchAll(/(?:([=-])|@([0-9a-z]+)|,(-?[0-9a-z]+)([A-Z])([A-Z])([0-9a-z]+))(?:\.([0-9a-z]+))?/g)){
if(m[7])who=data.actors[parseInt(m[7],36)];
if(m[3]){t+=parseInt(m[3],36)*1000;rows.push({t,from:m[4],to:m[5],why:data.reasons[parseInt(m[6],36)],who});continue}
k=m[2]?parseInt(m[2],36):m[1]==="="?k+1:k-1;
const s=all[k];t=Math.floor(s.from/1000)*1000;rows.push({t,from:all[k-1].kind,to:s.kind,why:s.why,who})}
let page=0,size=100;const text=at("find_text"),mode=at("find_mode");
function draw(){
const want=text.value.toLowerCase(),kind=mode.value;
const found=rows.filter(r=>(!kind||r.to===kind)&&(!want||(r.why+" "+r.who).toLowerCase().includes(want)));
const pages=Math.max(1,Math.ceil(found.length/size));page=Math.min(page,pages-1);
const first=page*size,last=Math.min(first+size,found.length);
body.parentElement.caption.textContent=last-first<rows.length?"Records "+(last&&first+1)+" to "+last+" of "+found.length:"Records";
body.replaceChildren(...found.slice(first,last).map(r=>row([[time(r.t),"t"],[badge(r.from)],[badge(r.to)],[r.why],[r.who,"w"]])));
at("found").textContent=found.length+" of "+rows.length+" records, page "+(page+1)+" of "+pages;
at("page_back").disabled=!page;at("page_on").disabled=page+1>=pages}
text.oninput=mode.onchange=()=>{page=0;draw()};
at("page_back").onclick=()=>{page--;draw()};at("page_on").onclick=()=>{page++;draw()};
addEventListener("beforeprint",()=>{size=1000;draw()});addEventListener("afterprint",()=>{size=100;draw()});
at("find").hidden=false;draw()}

const stretches=data.band===undefined?[]:band();
if(data.list!==undefined)list(stretches);
})();
)js";

}  // namespace rz::reports
