import type { ReactElement } from 'react';
import type { RenderOptions, ValuesBootstrap } from '@flags/sync';
import { renderBootstrap } from '@flags/sync';

/** What the page brings along, and how. */
export interface BootstrapScriptProps extends RenderOptions {
  readonly bootstrap: ValuesBootstrap;
}

/**
 * The script element that carries a bootstrap into the page, for a document that React renders. Put it before the scripts of the
 * app. Nothing in the values can end the element or become code.
 *
 * @throws {FlagsError} `INVALID_ARGUMENT` for a nonce or id that cannot be one.
 */
export function BootstrapScript({ bootstrap, nonce, id }: BootstrapScriptProps): ReactElement {
  const type = id === undefined ? undefined : 'application/json';
  const text = bootstrapText(bootstrap, { ...(nonce !== undefined && { nonce }), ...(id !== undefined && { id }) });
  // Browsers hide the nonce from scripts, also from the one that compares while hydrating.
  return (
    <script id={id} type={type} nonce={nonce} dangerouslySetInnerHTML={{ __html: text }} suppressHydrationWarning />
  );
}

/** The text of that script alone: for `bootstrapScriptContent` of React's renderers, which put their nonce on it. */
export function bootstrapText(bootstrap: ValuesBootstrap, options: RenderOptions = {}): string {
  return renderBootstrap(bootstrap, options).replace(/^<script[^>]*>|<\/script>$/g, '');
}
