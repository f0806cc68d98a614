// What the pages of the tests run: the client, and a way to let the parts of a page be driven from outside.
import { createClient, createFetchTransport, createLocalStore, readPageBootstrap, verifyKeys } from '@flags/browser';
import type { BrowserClientOptions, ContextClient } from '@flags/browser';
import { createClient as createRemoteClient } from '@flags/browser/remote';
import type { RemoteClientOptions } from '@flags/browser/remote';
import { xxh32 } from '@flags/core';
import type { Connection, TransportRequest } from '@flags/sync';
import { describeStore } from '@flags/sync/testing';

/** What a request of the page's transport brought. */
export type PageNews =
  | { readonly type: 'response'; readonly status: number; readonly contentType?: string; readonly retryAfter?: string }
  | { readonly type: 'bytes'; readonly base64: string }
  | { readonly type: 'end'; readonly problem?: string };

/** What tests find in a page, as `window.page`. */
export interface Page {
  /** Starts a client that evaluates; what it uses has to be signed by one of `pinned`, if any. */
  start(options: BrowserClientOptions, pinned?: readonly string[]): ContextClient;
  /** Starts a client for which the relay evaluates. */
  startRemote(options: RemoteClientOptions): ContextClient;
  client: ContextClient | undefined;
  /** When each event was heard, and what the flag `a` gave then. */
  readonly heard: { readonly at: number; readonly value: unknown; readonly type: string }[];
  /** Times this page came back from the back/forward cache. */
  restored: number;
  open(id: number, request: TransportRequest): void;
  close(id: number): void;
  /** Runs the suite of stores; gives what failed. */
  storeSuite(): Promise<readonly { readonly name: string; readonly problem: string | undefined }[]>;
  readonly readPageBootstrap: typeof readPageBootstrap;
}

declare global {
  interface Window {
    page: Page;
    tell(id: number, news: PageNews): Promise<void>;
  }
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCodePoint(byte);
  return btoa(binary);
}

function follow(client: ContextClient): ContextClient {
  page.client = client;
  client.subscribe('a', ({ type }) => page.heard.push({ at: Date.now(), value: client.value('a', 'default'), type }));
  return client;
}

const connections = new Map<number, Connection>();
const page: Page = {
  client: undefined,
  heard: [],
  restored: 0,
  start: (options, pinned = []) =>
    follow(createClient(pinned.length === 0 ? options : { ...options, verify: verifyKeys(pinned) })),
  startRemote: (options) => follow(createRemoteClient(options)),
  open: (id, request) => {
    const connection = createFetchTransport().open(request, {
      response: ({ status, contentType, retryAfter }) =>
        void window.tell(id, {
          type: 'response',
          status,
          ...(contentType === undefined ? {} : { contentType }),
          ...(retryAfter === undefined ? {} : { retryAfter }),
        }),
      bytes: (chunk) => void window.tell(id, { type: 'bytes', base64: toBase64(chunk) }),
      end: (problem) => void window.tell(id, { type: 'end', ...(problem === undefined ? {} : { problem }) }),
    });
    connections.set(id, connection);
  },
  close: (id) => connections.get(id)?.close(),
  storeSuite: async () => {
    const cases: { readonly name: string; readonly body: () => Promise<void> }[] = [];
    let places = 0;
    describeStore({
      test: (name, body) => void cases.push({ name, body }),
      createPlace: async () => {
        const name = `suite-${places++}`;
        return {
          open: () => createLocalStore(name, () => localStorage, 3_000_000),
          remove: async () => localStorage.removeItem(name),
        };
      },
      sumOf: (text) => xxh32(text).toString(16),
    });
    const outcomes = [];
    for (const { name, body } of cases) {
      const problem = await body().then(
        () => undefined,
        (error: unknown) => String(error),
      );
      outcomes.push({ name, problem });
    }
    return outcomes;
  },
  readPageBootstrap,
};
window.page = page;
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) page.restored += 1;
});
