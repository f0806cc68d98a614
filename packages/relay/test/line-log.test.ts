import { expect, it } from 'vitest';
import { lineLog } from '../src/line-log.ts';

it('says whose key it is about, and what has become of it', () => {
  let text = '';
  const log = lineLog({ write: (more) => (text += more) });
  log.info({ keyId: 'abc', keyName: 'checkout', end: 'expired' }, 'a key has ended');
  log.warn({ method: 'GET', route: '/a', status: 401, code: 'KEY_EXPIRED', keyId: 'abc' }, 'turned a request away');
  const [ended, refused] = text.split('\n');
  expect(ended).toMatch(/ a key has ended: key abc \(checkout\) · expired$/);
  expect(refused).toMatch(/ turned a request away: 401 KEY_EXPIRED · GET \/a · key abc$/);
});

it('keeps what files and other relays name within their line', () => {
  let text = '';
  const log = lineLog({ write: (more) => (text += more) });
  const forged = 'a\n12:00:00 forged\r\u2028\u001B[31m';
  log.info({ position: 'e.1.00000000', changed: { flags: [forged], segments: [forged] } }, 'took over a change');
  log.warn({ reasons: [forged] }, `it is of the environment "${forged}"`);
  expect(text.split('\n')).toHaveLength(4);
  for (const control of ['\r', '\u2028', '\u001B']) expect(text).not.toContain(control);
});
