// Runs in the browser: takes over the page that the server rendered, and keeps its flags current.
import { StrictMode } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { createClient } from '@flags/browser';
import { Page, type PageProps } from './page.tsx';
import { userOf } from './users.ts';
import './shop.css';

declare global {
  interface Window {
    /** What the server rendered the page with. */
    readonly shop: PageProps;
  }
}

const props = window.shop;
const { url, key } = props.relay;
// It starts with the values in window.__FLAG_BOOTSTRAP__, which hold for this context.
const createFlags = () => createClient({ url, key, context: userOf(props.userId).context });

hydrateRoot(
  document,
  <StrictMode>
    <Page {...props} createFlags={createFlags} />
  </StrictMode>,
);
