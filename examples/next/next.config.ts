import type { NextConfig } from 'next';

const config: NextConfig = {
  poweredByHeader: false,
  // Typed by `next dev` and `next build`; the rest of the repository has its own formatter, so Next says nothing of style.
  reactStrictMode: true,
};

export default config;
