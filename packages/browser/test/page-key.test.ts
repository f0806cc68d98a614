import { expect, test } from 'vitest';
import { createClient } from '../src/index.ts';
import { createClient as createRemoteClient } from '../src/remote/index.ts';

test.each([createClient, createRemoteClient])(
  'a key that is a secret is refused in a page, and not quoted',
  (create) => {
    for (const key of ['sk_a-secret-of-a-server', 'ad_a-secret-of-an-admin']) {
      const refused = expect.objectContaining({
        code: 'INVALID_OPTION',
        subject: 'key',
        message: 'Option `key` is a secret one, and pages are public. Pass a key `ck_…`.',
      }) as Error;
      expect(() => create({ url: 'http://relay.test', key })).toThrow(refused);
    }
  },
);
