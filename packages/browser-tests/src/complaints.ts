declare global {
  interface Window {
    /** What this page has complained of since it began. */
    complaints: string[];
  }
}

function record(): void {
  const complaints: string[] = [];
  window.complaints = complaints;
  const target = globalThis.console;
  for (const level of ['error', 'warn'] as const) {
    const say = target[level].bind(target);
    target[level] = (...values: unknown[]) => {
      complaints.push(values.map(String).join(' '));
      say(...values);
    };
  }
  const note = ({ message }: ErrorEvent): void => void complaints.push(message ?? 'a file could not be loaded');
  // Of what could not be loaded as well, which is told on the way down only.
  window.addEventListener('error', note, true);
  window.addEventListener('unhandledrejection', ({ reason }) => complaints.push(String(reason)));
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
    // Every browser looks for an icon, and a strict policy holds that back.
    if (!blockedURI.endsWith('/favicon.ico')) complaints.push(`${violatedDirective}: ${blockedURI}`);
  });
}

/**
 * The text of a script that keeps what goes wrong in a page from then on: errors, rejections that nobody handles, what the policy
 * holds back, and what is written to the console as an error or a warning. For browsers whose console cannot be read from outside.
 */
export const RECORDER: string = `(${record.toString()})()`;
