/**
 * The styles of the panel. What stands at the host is important, since a page's own rules for it would win; below it nothing of the
 * page reaches.
 */
export const STYLES = `
:host {
  all: initial !important; position: fixed !important; inset: auto 12px 12px auto !important; z-index: 2147483647 !important;
  color-scheme: light dark; --back: #fff; --text: #1c2128; --soft: #59636e; --line: #d1d9e0; --rest: #f3f5f8; --tint: #0b5cd5;
  --warn-back: #fff0c2; --warn: #6a4500; --warn-line: #c99a2e; --yes: #11652b; --no: #a02531; --shadow: #1c212833;
}
@media (prefers-color-scheme: dark) {
  :host {
    --back: #171b21; --text: #e9edf2; --soft: #a3adba; --line: #38414d; --rest: #222831; --tint: #7db6ff;
    --warn-back: #463300; --warn: #ffd98c; --warn-line: #a87e1c; --yes: #74d98f; --no: #ff9d9d; --shadow: #000a;
  }
}
* { box-sizing: border-box; margin: 0; font: inherit; color: inherit; }
aside { font: 13px/1.45 system-ui, sans-serif; color: var(--text); }
.quiet { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
button, input, select, textarea {
  border: 1px solid var(--line); border-radius: 6px; background: var(--back); padding: 4px 10px; min-height: 28px;
}
button { cursor: pointer; }
button:hover, .line:hover { background: var(--rest); }
button[aria-disabled='true'] { color: var(--soft); cursor: default; background: none; border-style: dashed; }
:focus-visible { outline: 2px solid var(--tint); outline-offset: 1px; }
.opener { border-radius: 99px; padding: 5px 14px; box-shadow: 0 2px 8px var(--shadow); font-weight: 600; float: right; }
.opener.overridden { border-color: var(--warn-line); }
.badge, .tag { border-radius: 99px; padding: 0 8px; font-size: 11px; line-height: 18px; font-weight: 600; white-space: nowrap; }
.badge { margin-inline-start: 6px; }
.tag { box-shadow: inset 0 0 0 1px var(--line); color: var(--soft); }
.badge, .tag.warn { background: var(--warn-back); color: var(--warn); }
.panel {
  position: fixed; right: 12px; bottom: 56px; display: flex; flex-direction: column; width: min(480px, calc(100vw - 24px));
  height: min(680px, calc(100vh - 72px)); background: var(--back); border: 1px solid var(--line); border-radius: 12px;
  box-shadow: 0 8px 32px var(--shadow); overflow: hidden;
}
header { display: flex; align-items: center; justify-content: space-between; padding: 10px 12px 0 16px; }
h2 { font-size: 15px; font-weight: 650; }
.close { border: 0; background: none; font-size: 20px; line-height: 1; min-width: 28px; padding: 0; }
.status { padding: 0 16px 10px; color: var(--soft); font-size: 12px; }
.status pre { max-height: 120px; overflow: auto; margin-top: 4px; }
summary { cursor: pointer; width: max-content; }
.tools { display: flex; flex-wrap: wrap; gap: 8px; padding: 0 16px 8px; justify-content: space-between; }
.tools input { flex: 1 0 100%; }
.filters { display: flex; }
.filters button { border-radius: 0; margin-inline-start: -1px; }
.filters button:first-child { border-radius: 6px 0 0 6px; margin: 0; }
.filters button:last-child { border-radius: 0 6px 6px 0; }
.filters button[aria-pressed='true'] { background: var(--tint); border-color: var(--tint); color: var(--back); }
.count { padding: 0 16px 6px; color: var(--soft); font-size: 12px; border-bottom: 1px solid var(--line); }
ul { list-style: none; padding: 0; overflow: auto; flex: 1; }
.flag { border-bottom: 1px solid var(--line); border-inline-start: 3px solid transparent; }
.flag.overridden { border-inline-start-color: var(--warn-line); }
.line { display: flex; align-items: center; padding-inline-end: 12px; }
h3 { flex: 1; min-width: 0; }
.summary {
  display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 8px; width: 100%; padding: 8px 12px 8px 13px; border: 0; border-radius: 0;
  background: none; text-align: start;
}
.summary:hover { background: none; }
.summary:focus-visible { outline-offset: -2px; }
.key { font-weight: 600; overflow-wrap: anywhere; }
code, pre, textarea { font: 12px/1.5 ui-monospace, Menlo, Consolas, monospace; }
.value { color: var(--tint); overflow-wrap: anywhere; }
.facts { flex-basis: 100%; order: 1; color: var(--soft); font-size: 12px; overflow-wrap: anywhere; }
.switch { position: relative; flex: none; width: 44px; height: 24px; min-height: 0; padding: 0; border-radius: 99px; border-color: var(--soft); }
.switch::after {
  content: ''; position: absolute; inset: 3px auto auto 3px; width: 16px; height: 16px; border-radius: 50%; background: var(--soft);
}
.switch[aria-checked='true'] { background: var(--tint); border-color: var(--tint); }
.switch[aria-checked='true']::after { inset-inline-start: 23px; background: var(--back); }
.detail { padding: 6px 16px 14px 13px; }
.override { display: flex; flex-wrap: wrap; gap: 8px; align-items: end; }
.field { display: flex; flex-wrap: wrap; gap: 4px 8px; flex: 1 1 100%; }
.field label { flex: 1 0 100%; color: var(--soft); font-size: 12px; }
.field select, .field input { flex: 1; min-width: 0; }
.field textarea { flex: 1 0 100%; resize: vertical; white-space: pre; }
.problem { flex: 1 0 100%; color: var(--no); }
[aria-invalid='true'] { border-color: var(--no); }
h4 { margin: 12px 0 4px; font-size: 12px; font-weight: 650; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(180px, 1fr)); gap: 2px 12px; }
dl div { display: flex; gap: 6px; }
dt { color: var(--soft); min-width: 64px; }
dd { overflow-wrap: anywhere; }
pre { background: var(--rest); border-radius: 6px; padding: 8px 10px; white-space: pre-wrap; overflow-wrap: anywhere; }
.yes { color: var(--yes); }
.no { color: var(--no); }
.skipped { color: var(--soft); }
@media (prefers-reduced-motion: no-preference) { .switch::after { transition: inset-inline-start 0.12s; } }
@media (forced-colors: active) { .switch::after { background: ButtonText; } }
`;
