import type { RequestFlags } from '@flags/edge';

const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A flag's value is text as any other: it must not become markup. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ESCAPED[character] ?? '');
}

/** The shop's page. What flags give is put into its head by the middleware, with the nonce of its policy. */
export function renderPage(flags: RequestFlags): Response {
  const nonce = crypto.randomUUID();
  const checkout = flags.value('new-checkout', false) ? 'one page' : 'three steps';
  const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Corner Coffee</title>
  </head>
  <body>
    <h1>${escapeHtml(flags.value('welcome-text', 'Welcome!'))}</h1>
    <p>Checkout in ${checkout}.</p>
    <p>This page knows the flags <code></code> before it asks anybody.</p>
    <script nonce="${nonce}">
      document.querySelector('code').textContent = Object.keys(window.__FLAG_BOOTSTRAP__.flags).join(', ');
    </script>
  </body>
</html>
`;
  return new Response(page, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; script-src 'nonce-${nonce}'`,
    },
  });
}
