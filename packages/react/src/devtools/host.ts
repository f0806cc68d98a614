import type { ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { STYLES } from './styles.ts';

// What is typed or clicked in the panel is no shortcut of the page, and no click outside of its dialogs.
const KEPT = ['keydown', 'keyup', 'keypress', 'click', 'mousedown', 'mouseup', 'pointerdown', 'pointerup', 'focusin'];

/**
 * Shows a node in the page and apart from it: in a tree of React and a shadow of its own, beside the body. The sheet of styles is
 * constructed, which every content security policy lets pass. Answers how to take it away.
 */
export function showInPage(node: ReactNode): () => void {
  const host = document.createElement('flag-devtools');
  const shadow = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLES);
  shadow.adoptedStyleSheets = [sheet];
  for (const type of KEPT) host.addEventListener(type, (event) => event.stopPropagation());
  document.documentElement.append(host);
  const root = createRoot(shadow.appendChild(document.createElement('div')));
  root.render(node);
  return () => {
    host.remove();
    // React does not end a root while it is at work on another.
    queueMicrotask(() => root.unmount());
  };
}
