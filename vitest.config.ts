import { readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

// Tests and type checks read the sources: `@flags/source` is the private condition of our own manifests.
const conditions = ['@flags/source', 'module', 'node', 'development|production'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    typecheck: { enabled: true },
    projects: readdirSync('packages').map((name) => ({
      extends: true as const,
      test: { name, root: `packages/${name}`, include: ['test/**/*.test.ts'] },
    })),
  },
});
