import { expect, it } from 'vitest';
import { lineLog } from '../src/line-log.ts';

it('keeps what files and other relays name within their line', () => {
  let text = '';
  const log = lineLog({ write: (more) => (text += more) });
  const forged = 'a\n12:00:00 forged\r\u2028\u001B[31m';
  log.info({ position: 'e.1.00000000', changed: { flags: [forged], segments: [forged] } }, 'took over a change');
  log.warn({ reasons: [forged] }, `it is of the environment "${forged}"`);
  expect(text.split('\n')).toHaveLength(4);
  for (const control of ['\r', '\u2028', '\u001B']) expect(text).not.toContain(control);
});
