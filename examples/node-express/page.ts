import type { RequestFlags } from './request-flags.ts';

const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A flag's value is text as any other: it must not become markup. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ESCAPED[character] ?? '');
}

/** The shop's page. It brings along what flags give, so that its scripts know them before they ask anybody. */
export function renderPage(flags: RequestFlags, nonce: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Corner Coffee</title>
    ${flags.script(nonce)}
  </head>
  <body>
    <h1>${escapeHtml(flags.value('welcome-text', 'Welcome!'))}</h1>
    <p>Checkout in ${flags.value('new-checkout', false) ? 'one page' : 'three steps'}.</p>
    <p>This page knows the flags <code></code> before it asks anybody.</p>
    <script nonce="${nonce}">
      document.querySelector('code').textContent = Object.keys(window.__FLAG_BOOTSTRAP__.flags).join(', ');
    </script>
  </body>
</html>
`;
}
