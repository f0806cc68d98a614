import type { Bucketer } from '@flags/core';

/** Hashes from elsewhere that random splits name: one that answers, and one that throws or gives what is no bucket. */
export const bucketers: Readonly<Record<string, Bucketer>> = {
  length: (salt, unit, total) => (salt.length + unit.length) % total,
  faulty: (salt, unit, total) => {
    if (unit.length % 2 === 1) throw new Error('This unit has no bucket.');
    return unit < 'c' ? total : salt.length % total;
  },
};
