import { need } from './flags/need.ts';

const isDevelopment = process.env.NODE_ENV === 'development';

/**
 * The content security policy of a page. A page that is rendered for its request runs no script without its nonce; one that is
 * static was made before there was a nonce, and has Next's inline scripts.
 */
export function policyFor(pathname: string): string {
  const inline = /^\/pricing(?:\/|$)/.test(pathname) ? "'unsafe-inline'" : `'nonce-${btoa(crypto.randomUUID())}'`;
  return [
    "default-src 'none'",
    // React's development build makes code from text, to show where errors come from.
    `script-src 'self' ${inline}${isDevelopment ? " 'unsafe-eval'" : ''}`,
    `style-src 'self'${isDevelopment ? " 'unsafe-inline'" : ''}`,
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ${new URL(need('FLAGS_URL')).origin}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
