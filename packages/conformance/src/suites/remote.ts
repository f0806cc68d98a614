import type { SuiteExchange, SuiteServer, TransportSuite } from '@flags/sync/testing';

/** What the suite has done outside of the runtime it runs in. */
export type Order =
  | { readonly do: 'serve'; readonly server: number }
  | { readonly do: 'unserve'; readonly server: number }
  | {
      readonly do: 'respond';
      readonly exchange: number;
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
    }
  | { readonly do: 'write'; readonly exchange: number; readonly text: string }
  | { readonly do: 'write-bytes'; readonly exchange: number; readonly bytes: readonly number[] }
  | { readonly do: 'end' | 'cut'; readonly exchange: number }
  | { readonly do: 'relay'; readonly first: string }
  | { readonly do: 'set'; readonly relay: string; readonly value: string }
  | { readonly do: 'streams'; readonly relay: string };

/** What happened out there. */
export type News =
  | {
      readonly type: 'request';
      readonly server: number;
      readonly exchange: number;
      readonly method: string;
      readonly path: string;
      readonly headers: Readonly<Record<string, string | undefined>>;
    }
  | { readonly type: 'body'; readonly exchange: number; readonly text: string }
  | { readonly type: 'gone'; readonly exchange: number };

/** A real relay with the flag `a`, which signs. */
export interface RemoteRelay {
  readonly url: string;
  readonly key: string;
  readonly publicKey: string;
}

/** Servers and relays outside of the runtime, at the suite's command. */
export interface Remote {
  readonly serve: TransportSuite['serve'];
  startRelay(first: string): Promise<RemoteRelay>;
  set(relay: RemoteRelay, value: string): Promise<unknown>;
  streams(relay: RemoteRelay): Promise<unknown>;
  /** No longer asks for news. */
  close(): void;
}

interface OpenExchange {
  readonly tellBody: (text: string) => void;
  readonly tellGone: () => void;
}

/** Connects to what obeys, by `fetch`, which every runtime has. Orders arrive in the order they are given. */
export function connectRemote(url: string): Remote {
  const handlers = new Map<number, (exchange: SuiteExchange) => void>();
  const exchanges = new Map<number, OpenExchange>();
  let servers = 0;
  let isClosed = false;
  let last: Promise<unknown> = Promise.resolve();

  const order = (wanted: Order): Promise<unknown> => {
    const send = async (): Promise<unknown> => {
      // No header, so that browsers need not ask first.
      const response = await fetch(`${url}/order`, { method: 'POST', body: JSON.stringify(wanted) });
      if (!response.ok) throw new Error(`The order ${wanted.do} failed: ${await response.text()}`);
      return ((await response.json()) as { readonly value?: unknown }).value;
    };
    last = last.then(send, send);
    return last;
  };
  /** For what nobody waits for; whatever fails shows in what the suite waits for. */
  const tell = (wanted: Order): void => void order(wanted).catch(() => {});

  function hear(news: News): void {
    if (news.type === 'body') return exchanges.get(news.exchange)?.tellBody(news.text);
    if (news.type === 'gone') return exchanges.get(news.exchange)?.tellGone();
    const { exchange, method, path, headers } = news;
    let [tellBody, tellGone]: [(text: string) => void, () => void] = [() => {}, () => {}];
    const body = new Promise<string>((resolve) => {
      tellBody = resolve;
    });
    const gone = new Promise<void>((resolve) => {
      tellGone = resolve;
    });
    exchanges.set(exchange, { tellBody, tellGone });
    handlers.get(news.server)?.({
      method,
      path,
      headers,
      body,
      gone,
      respond: (status, given) => tell({ do: 'respond', exchange, status, headers: given }),
      write: (piece) =>
        tell(
          typeof piece === 'string'
            ? { do: 'write', exchange, text: piece }
            : { do: 'write-bytes', exchange, bytes: [...piece] },
        ),
      end: () => tell({ do: 'end', exchange }),
      cut: () => tell({ do: 'cut', exchange }),
    });
  }

  const listen = async (): Promise<void> => {
    while (!isClosed) {
      const response = await fetch(`${url}/news`);
      for (const news of (await response.json()) as readonly News[]) hear(news);
    }
  };
  listen().catch(() => {});

  return {
    serve: async (handle): Promise<SuiteServer> => {
      const server = ++servers;
      handlers.set(server, handle);
      const address = (await order({ do: 'serve', server })) as string;
      return {
        url: address,
        close: async () => {
          handlers.delete(server);
          await order({ do: 'unserve', server });
        },
      };
    },
    startRelay: async (first) => (await order({ do: 'relay', first })) as RemoteRelay,
    set: ({ url: relay }, value) => order({ do: 'set', relay, value }),
    streams: ({ url: relay }) => order({ do: 'streams', relay }),
    close: () => {
      isClosed = true;
    },
  };
}
