//! How a page looks: one quiet column in the reader's own font, light or dark.

use crate::colour::{plot_rules, variables};

/// Rules of the page; those of plots are `colour`'s.
const RULES: &str = "\
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0 auto;padding:2.5rem 1.25rem 4rem;max-width:62rem;background:var(--paper);color:var(--ink);\
font:1rem/1.6 system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;overflow-wrap:break-word}
h1{font-size:clamp(1.6rem,4vw,2.2rem);line-height:1.2;letter-spacing:-.015em;margin:0 0 .6rem}
h2{font-size:1.35rem;line-height:1.3;letter-spacing:-.01em;margin:0 0 .8rem}
.numbered{counter-reset:section}
.numbered h2::before{counter-increment:section;content:counter(section) '. '}
h3{font-size:1.05rem;margin:1.8rem 0 .5rem}
p,ul,ol{max-width:44rem;margin:.6rem 0}
.lead{color:var(--soft);font-size:1.08rem}
a{color:var(--blue);text-decoration-thickness:1px;text-underline-offset:.15em}
nav{margin:1.6rem 0 0;padding:.9rem 1.2rem;background:var(--panel);border-radius:.6rem}
nav ol{margin:0;padding-left:1.6rem;max-width:none;columns:15rem;column-gap:2rem}
nav li{break-inside:avoid;padding:.1rem 0;color:var(--soft)}
nav a{color:var(--ink);text-decoration:none}
nav a:hover{text-decoration:underline}
section{margin-top:2.8rem;padding-top:1.6rem;border-top:1px solid var(--grid)}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono',monospace;font-size:.9em}
code{background:var(--panel);padding:.1em .3em;border-radius:.25em}
pre{background:var(--panel);padding:.9rem 1.1rem;border-radius:.6rem;overflow-x:auto;line-height:1.5;font-size:.85rem}
pre code{background:none;padding:0;font-size:1em}
.note{background:var(--panel);border-left:3px solid var(--orange);padding:.6rem .9rem;border-radius:0 .4rem .4rem 0}
.soft,.caption,figcaption{color:var(--soft)}
.caption,figcaption{font-size:.88rem;line-height:1.45}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:1rem;margin:1rem 0}
.facts div{background:var(--panel);border-radius:.6rem;padding:.8rem 1rem}
.facts dt{color:var(--soft);font-size:.88rem}
.facts dd{margin:0;font-size:1.5rem;font-weight:600;line-height:1.3;font-variant-numeric:tabular-nums}
.facts dd.soft{font-size:.85rem;font-weight:400;line-height:1.4}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:1.6rem 2rem;\
margin:1.2rem 0;align-items:start}
figure{margin:0;min-width:0}
.figures figure.wide{grid-column:1/-1}
.figures figcaption{margin-top:.3rem}
.scroll{overflow-x:auto}
.plot{display:block;width:100%;height:auto}
table{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums;margin:.8rem 0}
th,td{padding:.35rem .9rem .35rem 0;text-align:left;vertical-align:top;\
border-bottom:1px solid var(--grid);white-space:nowrap}
.w{white-space:normal;min-width:14rem;overflow-wrap:anywhere}
thead th{color:var(--soft);font-weight:500;border-bottom-color:var(--axis);vertical-align:bottom}
tbody th{font-weight:500}
.r{text-align:right}
th.r,td.r{padding-left:.5rem;padding-right:1.2rem}
.thumbs{display:grid;grid-template-columns:repeat(auto-fill,minmax(7rem,1fr));gap:1rem;margin:1rem 0}
.thumbs img{display:block;width:100%;height:auto;aspect-ratio:1;object-fit:contain;background:var(--panel);\
border-radius:.35rem}
.px{image-rendering:pixelated}
.thumbs figcaption{padding-top:.35rem;line-height:1.35}
.thumbs strong,.thumbs span{display:block;overflow-wrap:anywhere}
.thumbs strong{color:var(--ink);font-weight:600}
.wrong img{outline:2px solid var(--red);outline-offset:1px}
.right img{outline:2px solid var(--green);outline-offset:1px}
details{margin:1rem 0}
summary{cursor:pointer;color:var(--blue)}
footer{margin-top:3rem;padding-top:1rem;border-top:1px solid var(--grid);color:var(--soft);font-size:.88rem}
@media (max-width:40rem){body{padding:1.5rem 1rem 3rem}section{margin-top:2rem;padding-top:1.2rem}\
.thumbs{grid-template-columns:repeat(auto-fill,minmax(5.5rem,1fr));gap:.8rem}}
@media print{body{max-width:none;padding:0}nav{display:none}section{break-inside:auto}figure{break-inside:avoid}}
";

/// The whole sheet.
pub(super) fn css() -> String {
    variables(":root") + RULES + &plot_rules()
}
