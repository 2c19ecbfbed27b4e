/** The demo's look: the window's colours, and nothing that has to be fetched from elsewhere. */
export const DEMO_STYLE = `:root{color-scheme:light dark;
--ground:light-dark(#f6f6f4,#151619);--surface:light-dark(#fff,#1b1c1f);--hover:light-dark(#f0f0ee,#25272b);
--line:light-dark(#e3e3df,#2d2f34);--line-strong:light-dark(#c8c8c2,#484b52);
--text:light-dark(#1c1c1a,#ececea);--soft:light-dark(#595954,#b0b2b0);
--accent:light-dark(#3f51d1,#93a1ff);--good:light-dark(#18743a,#5cc98a);--bad:light-dark(#b8242b,#ff8a82)}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:60rem;margin:0 auto;padding:48px 24px;display:grid;gap:20px}
header{display:grid;grid-template-columns:auto 1fr;gap:20px;align-items:start;margin-bottom:12px}
header svg{width:52px;height:52px;fill:none;stroke:var(--accent);stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}
h1{font-size:30px;line-height:1.2;font-weight:650;margin:0 0 6px;letter-spacing:-.01em}
h2{font-size:17px;font-weight:600;margin:0 0 12px}
h3{font-size:13px;font-weight:600;color:var(--soft);margin:0 0 8px}
p{margin:0;max-width:44rem}
header p,.soft,footer p{color:var(--soft)}
section{background:var(--surface);border:1px solid var(--line);border-radius:10px;padding:20px 24px;min-width:0}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:20px 32px}
dl{display:grid;grid-template-columns:minmax(7rem,auto) 1fr;gap:5px 16px;margin:0;font-size:13.5px}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
dd,code,output,td:first-child{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:13px}
.buttons{display:flex;flex-wrap:wrap;gap:8px;margin:12px 0 14px}
button,input{font:inherit;font-size:14px;color:inherit;background:var(--surface);border:1px solid var(--line-strong);border-radius:6px;padding:6px 12px;min-height:36px}
button{cursor:pointer}
button:hover{background:var(--hover)}
button[aria-pressed=true]{border-color:var(--accent);color:var(--accent)}
input{flex:1;min-width:8rem}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
table{width:100%;border-collapse:collapse;font-size:13.5px;font-variant-numeric:tabular-nums}
th{text-align:left;font-weight:500;color:var(--soft)}
th,td{padding:6px 12px 6px 0;border-top:1px solid var(--line);overflow-wrap:anywhere}
thead th{border-top:0}
.number{text-align:right;padding-right:0;white-space:nowrap}
.good{color:var(--good)}.bad{color:var(--bad)}
output{display:block;min-height:1.5em;overflow-wrap:anywhere}
footer{padding:4px 24px}
footer code{white-space:nowrap}
`
