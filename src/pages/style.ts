import { html } from './html.ts'

/** The look of all pages. Colours are variables, so that light and dark differ in one place. */
export const style = html`
:root {
  color-scheme: light dark;
  --page: #f3f5f8; --card: #ffffff; --ink: #1a2130; --quiet: #545e70; --line: #dde2ea;
  --edge: #7b8698; --accent: #2450c8; --accent-hover: #1b3f9f; --on-accent: #ffffff;
  --bad: #a8231c; --bad-soft: #fdf1f0; --bad-strong: #a8231c; --bad-hover: #85170f; --on-bad: #ffffff; --good: #17653c; --good-soft: #edf7f1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10131a; --card: #191e27; --ink: #e6e9ef; --quiet: #a4aebe; --line: #2e3643;
    --edge: #758196; --accent: #93b4ff; --accent-hover: #b4cbff; --on-accent: #0c1a3d;
    --bad: #ffa29a; --bad-soft: #331e20; --bad-strong: #ffa29a; --bad-hover: #ffc1bb; --on-bad: #3d0c08; --good: #86d9ab; --good-soft: #17291f;
  }
}
*, ::before, ::after { box-sizing: border-box }
html { font: 100%/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; -webkit-text-size-adjust: 100% }
body { margin: 0; padding: clamp(1.25rem, 6vh, 4rem) 1rem 3rem; background: var(--page); color: var(--ink) }
.brand { display: flex; justify-content: center; margin: 0 auto 1.5rem; max-width: 44rem; font-weight: 600; overflow-wrap: anywhere }
.brand a { display: flex; align-items: center; gap: .625rem; min-height: 2.75rem; color: var(--ink); text-decoration: none } .brand a:hover { color: var(--ink); text-decoration: underline }
.mark { display: grid; place-items: center; flex: none; width: 2rem; height: 2rem; border-radius: .5rem; background: var(--accent); color: var(--on-accent) }
main { margin: 0 auto; padding: clamp(1.25rem, 5vw, 2.25rem); background: var(--card); border: 1px solid var(--line); border-radius: .875rem; overflow-wrap: anywhere }
.narrow { max-width: 27rem } .wide { max-width: 44rem }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -.01em }
h2 { margin: 2.25rem 0 .75rem; font-size: 1.125rem; line-height: 1.3 }
p { margin: 0 0 1rem }
a { color: var(--accent); text-underline-offset: .2em }
a:hover { color: var(--accent-hover) }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
form { margin: 0 } form + p, form + form { margin-top: 1.25rem } .challenge { margin: 0 0 1.125rem } .challenge p { margin: 0 }
.field { margin: 0 0 1.125rem }
label { display: block; margin-bottom: .3rem; font-weight: 600 }
.optional { font-weight: 400; color: var(--quiet) }
.hint, .about { margin: .3rem 0 0; font-size: .875rem; line-height: 1.45; color: var(--quiet) }
form + .about, .about + form { margin-top: .875rem } form > .notice { margin: .875rem 0 0 }
.intro { margin-bottom: 1.5rem; font-size: .9375rem; color: var(--quiet) }
.fault { margin: .3rem 0 0; font-size: .875rem; line-height: 1.45; color: var(--bad) }
[hidden] { display: none !important }
input { display: block; width: 100%; min-height: 2.75rem; padding: .5rem .75rem; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--edge); border-radius: .5rem }
input[aria-invalid] { border-color: var(--bad); border-width: 2px }
button, .button { display: inline-block; min-height: 2.75rem; padding: .5rem 1.125rem; font: inherit; font-weight: 600; text-align: center; text-decoration: none; color: var(--on-accent); background: var(--accent); border: 1px solid transparent; border-radius: .5rem; cursor: pointer }
button:disabled { opacity: .55; cursor: progress }
button:hover:enabled, .button:hover { background: var(--accent-hover); color: var(--on-accent) }
.narrow form > button, .narrow .button { width: 100% }
.danger { background: var(--bad-strong); color: var(--on-bad) } .danger:hover:enabled { background: var(--bad-hover); color: var(--on-bad) }
.plain { color: var(--ink); background: transparent; border-color: var(--edge) }
.plain:hover:enabled, a.plain:hover { color: var(--ink); background: var(--page) }
.links { margin: 1.5rem 0 0; padding: 1.125rem 0 0; border-top: 1px solid var(--line); list-style: none; font-size: .9375rem }
.links li + li { margin-top: .5rem }
.summary, .notice { margin: 0 0 1.25rem; padding: .75rem 1rem; border-radius: .5rem; border-inline-start: 4px solid }
.summary { background: var(--bad-soft); border-color: var(--bad) }
.summary p { margin: 0 } .summary strong { color: var(--bad) }
.summary ul { margin: .25rem 0 0; padding-inline-start: 1.25rem } .summary a { color: inherit }
.notice { background: var(--good-soft); color: var(--good); border-color: var(--good) }
.facts { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .5rem 1.5rem; margin: 0 }
.facts dt { color: var(--quiet) } .facts dd { margin: 0 }
.entries { margin: 0 0 1rem; padding: 0; list-style: none; border-top: 1px solid var(--line) }
.entries li { display: flex; align-items: center; justify-content: space-between; gap: 1rem; padding: .875rem 0; border-bottom: 1px solid var(--line) }
.entries p { margin: 0 } .entries p:first-child { display: flex; flex-wrap: wrap; align-items: baseline; gap: .125rem .5rem } .entries form { flex: none } .badge { display: inline-block; padding: 0 .5rem; font-size: .8125rem; font-weight: 600; color: var(--good); background: var(--good-soft); border-radius: 1rem }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 2rem } .actions form + form { margin: 0 }
.effects { margin: 0 0 1.25rem; padding-inline-start: 1.25rem } .effects li + li { margin-top: .375rem }
.choices { margin: 0; padding: 0; list-style: none; border-top: 1px solid var(--line) }
.choices a { display: flex; align-items: center; justify-content: space-between; gap: 1rem; min-height: 2.75rem; padding: .5rem 0; text-decoration: none; border-bottom: 1px solid var(--line) }
.choices a::after { content: "\\203a" / ""; color: var(--quiet) } .choices a:hover { text-decoration: underline }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
details { margin: 0 0 1.25rem } summary { padding: .375rem 0; color: var(--accent); cursor: pointer } details[open] > summary { margin-bottom: .75rem } form + details { margin-top: 1.25rem }
.or { display: flex; align-items: center; gap: .75rem; margin: 1.25rem 0; color: var(--quiet); font-size: .875rem } .or::before, .or::after { content: ""; flex: 1; border-top: 1px solid var(--line) }
.check { display: grid; grid-template-columns: auto 1fr; gap: .125rem .625rem; align-items: start; margin: 0 0 1.125rem } .check input { width: 1.5rem; min-height: 1.5rem; margin: 0; accent-color: var(--accent) } .check label { margin: 0; font-weight: 400 } .check .hint { grid-column: 2; margin: 0 }
.qr { display: block; width: 100%; max-width: 15rem; margin: 0 auto 1.25rem; border: 1px solid var(--line); border-radius: .5rem }
code { font: 1.0625rem/1.5 ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; letter-spacing: .04em } .key { margin: .5rem 0 } .then { margin-top: 1.5rem }
.codes { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .5rem 1.5rem; margin: 0 0 1.25rem; padding: 1rem 1.25rem 1rem 2.75rem; border: 1px solid var(--line); border-radius: .5rem } .codes li::marker { color: var(--quiet); font-size: .875rem }
.tools { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem } .tools .about { margin: 0 }
.ways { display: flex; flex: none; flex-wrap: wrap; gap: .5rem; max-width: 100% } .about + p:not(.about) { margin-top: 1rem } .warn { background: var(--bad-soft); color: var(--bad); border-color: var(--bad) }
@media (max-width: 30rem) { .entries li { flex-wrap: wrap } }
@media print { .unprinted, .brand .mark { display: none } body { padding: 0; background: none; color: #000 } main { border: 0 } }
@media (max-width: 30rem) { .facts { grid-template-columns: 1fr; gap: 0 } .facts dd { margin-bottom: .625rem } }
`
