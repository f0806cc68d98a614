import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createEventBlocks } from '../src/event-blocks.ts';

const encoder = new TextEncoder();

test('whatever pieces a stream comes in, what is given is whole events, in order, and nothing is lost', () => {
  const event = fc.constantFrom('event: A\ndata: {"ü":1}\n\n', ':\n\n', 'data: x\n\n', 'id: 1\ndata: \u{1f600}\n\n');
  fc.assert(
    fc.property(fc.array(event, { maxLength: 8 }), fc.array(fc.nat(12), { minLength: 1 }), (events, cuts) => {
      const bytes = encoder.encode(events.join(''));
      const blocks = createEventBlocks();
      let given = '';
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const end = at + 1 + (cuts[turn % cuts.length] ?? 0);
        const text = blocks.push(bytes.slice(at, end));
        expect(text === '' || text.endsWith('\n\n')).toBe(true);
        given += text;
        at = end;
      }
      expect(given).toBe(events.join(''));
    }),
  );
});

test('what has no end is dropped', () => {
  const blocks = createEventBlocks(10);
  expect(blocks.push(encoder.encode('data: 0123456789'))).toBe('');
  expect(blocks.push(encoder.encode('\n\ndata: b\n\n'))).toBe('\n\ndata: b\n\n');
});
