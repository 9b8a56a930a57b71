"""How the page of a run looks: on a screen, in the dark, and on paper."""

STYLE = """
:root { --ink: #1b2430; --soft: #5a6675; --line: #dfe4ea; --paper: #fff; --ground: #f4f6f8; --good: #1a7f4b;
  --bad: #b3261e; --warn: #8a5a00; --bar: #9db4d0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #a3aebb; --line: #323c48; --paper: #1a212a;
  --ground: #11161c; --good: #5fd39a; --bad: #ff8a80; --warn: #f0b95a; --bar: #4a6587; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", "Liberation Sans", Arial, sans-serif; }
main { max-width: 60rem; margin: 2.5rem auto; padding: 2.5rem 3rem; background: var(--paper);
  border: 1px solid var(--line); border-radius: 12px; }
.of { margin: 0; color: var(--soft); letter-spacing: .08em; text-transform: uppercase; font-size: .8rem; }
h1 { margin: .1rem 0 .6rem; font-size: 2.1rem; line-height: 1.15; }
h2 { margin: 2.4rem 0 .6rem; font-size: 1.15rem; }
.lead { margin: 0; font-size: 1.1rem; }
.badge { display: inline-block; margin-right: .5rem; padding: .1rem .7rem; border: 1.5px solid currentColor;
  border-radius: 99px; font-weight: 600; font-size: .95rem; }
.passed, .good { color: var(--good); } .failed, .bad { color: var(--bad); }
.blocked, .unclear, .running, .open { color: var(--warn); } .none { color: var(--soft); }
.reason { margin: 1.2rem 0 0; padding: .8rem 1rem; border-left: 4px solid currentColor; background: var(--ground); }
dl { display: grid; grid-template-columns: repeat(2, 1fr); gap: .9rem 2rem; margin: 1.8rem 0 0; padding: 1.2rem 0 0;
  border-top: 1px solid var(--line); }
dt { color: var(--soft); font-size: .85rem; } dd { margin: 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; font-size: .95rem; }
th, td { padding: .6rem .8rem .6rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { color: var(--soft); font-weight: 500; font-size: .85rem; }
tbody th { font-weight: 500; width: 30%; }
.time { font-variant-numeric: tabular-nums; white-space: nowrap; }
.took { width: 8rem; font-variant-numeric: tabular-nums; }
.bar { display: block; height: 4px; margin-top: .3rem; border-radius: 2px; background: var(--bar); }
.dot { font-weight: 600; } .dot.none { font-weight: 400; }
.small { color: var(--soft); font-weight: 400; font-size: .85rem; }
ul { margin: 0; padding: 0; list-style: none; }
li { padding: .45rem 0; border-bottom: 1px solid var(--line); }
time { display: inline-block; min-width: 16rem; color: var(--soft); }
footer { margin-top: 2.4rem; color: var(--soft); font-size: .85rem; }
footer p { margin: .2rem 0; } code { overflow-wrap: anywhere; font-size: .95em; }
@media (max-width: 45rem) { main { margin: 0; padding: 1.4rem; border: 0; border-radius: 0; }
  dl { grid-template-columns: 1fr; } time { display: block; } }
@media print { :root { --ink: #000; --soft: #444; --line: #bbb; --paper: #fff; --ground: #fff; --good: #0b5d33;
  --bad: #8c1d18; --warn: #6b4600; --bar: #888; }
  main { margin: 0; padding: 0; border: 0; max-width: none; } tr, li { break-inside: avoid; }
  .bar { print-color-adjust: exact; -webkit-print-color-adjust: exact; } @page { margin: 18mm; } }
"""
