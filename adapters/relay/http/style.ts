import { createHash } from 'node:crypto';

/** The page's whole style. It stands inside the page, so that a phone on a bad line loads one thing. */
export const style = `:root{color-scheme:light dark;--ink:#1c2126;--soft:#5c6670;--paper:#fff;--ground:#f2f4f6;--line:#dde2e7;--good:#1a7f37;--care:#9a6700;--bad:#c1121f}
@media(prefers-color-scheme:dark){:root{--ink:#e8ecf0;--soft:#9aa5b0;--paper:#1b2026;--ground:#12161a;--line:#323a42;--good:#56c271;--care:#e0b040;--bad:#ff7b72}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:60rem;margin:0 auto;padding:1rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline;justify-content:space-between}
h1{font-size:1.4rem;margin:0}
h2{font-size:1.05rem;margin:0 0 .5rem}
p{margin:.25rem 0}
a{color:inherit}
.soft{color:var(--soft)}
section{background:var(--paper);border:1px solid var(--line);border-radius:.6rem;padding:1rem;margin:1rem 0;overflow-wrap:anywhere}
.yes,.info{border-left:.5rem solid var(--good)}
.wait,.warning{border-left:.5rem solid var(--care)}
.no,.critical{border-left:.5rem solid var(--bad)}
.answer{font-size:1.6rem;font-weight:700;margin:0}
ul{list-style:none;margin:0;padding:0}
li{padding:.35rem .75rem;margin:.35rem 0}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.4rem .5rem;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:500}
tr:last-child td{border-bottom:0}
.number{text-align:right;font-variant-numeric:tabular-nums}
.on::before,.off::before{content:"";display:inline-block;width:.7em;height:.7em;border-radius:50%;margin-right:.4em;background:var(--good)}
.off::before{background:var(--soft)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:0}
dt{color:var(--soft)}
dd{margin:0}
@media(max-width:34rem){dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}thead{display:none}tr{display:block;padding:.4rem 0;border-bottom:1px solid var(--line)}tr:last-child{border-bottom:0}td,td.number{display:flex;justify-content:space-between;gap:1rem;border:0;padding:.15rem 0;text-align:right}td::before{content:attr(data-label);color:var(--soft);text-align:left}}
`;

/** What the content security policy lets through: this style and no other. */
export const styleHash = `sha256-${createHash('sha256').update(style).digest('base64')}`;
