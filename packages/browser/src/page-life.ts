/** Whether anyone needs this page to be current, as it changes. */
export interface PageLife {
  isAsleep(): boolean;
  /** Calls back when the page is left, frozen, or has been hidden for long. Returns how to stop. */
  onSleep(listener: () => void): () => void;
  /** Calls back when the page comes back, from sleep (`slept`) or just into view, or the network does. Returns how to stop. */
  onWake(listener: (slept: boolean) => void): () => void;
  /** Calls back when the page may end without another word. Returns how to stop. */
  onHide(listener: () => void): () => void;
  /** Looks no more. */
  stop(): void;
}

/** The part of a `window` that is needed here. */
export type PageWindow = Pick<Window, 'addEventListener' | 'removeEventListener'>;

/** The part of a `document` that is needed here. */
export type PageDocument = Pick<Document, 'addEventListener' | 'removeEventListener' | 'visibilityState'>;

// A tab that someone comes back to soon is current at once; one that is left alone costs nothing.
const HIDDEN_FOR = 120_000;

/**
 * Watches a page: `pagehide`, `freeze` and two minutes out of sight put it to sleep; `pageshow`, `resume`, coming into view and
 * `online` wake it. What has no page, as a worker or a server, is always awake.
 */
export function createPageLife(
  window: PageWindow | undefined = globalThis.window,
  document: PageDocument | undefined = globalThis.document,
  hiddenFor: number = HIDDEN_FOR,
): PageLife {
  const sleepers = new Set<() => void>();
  const wakers = new Set<(slept: boolean) => void>();
  const hiders = new Set<() => void>();
  const stops: (() => void)[] = [];
  let isAsleep = false;
  let hidden: ReturnType<typeof setTimeout> | undefined;

  const tell = (listeners: ReadonlySet<(slept: boolean) => void>, slept = false): void => {
    for (const listener of Array.from(listeners)) listener(slept);
  };
  const hide = (): void => tell(hiders);
  const sleep = (): void => {
    clearTimeout(hidden);
    if (isAsleep) return;
    isAsleep = true;
    tell(sleepers);
  };
  const wake = (): void => {
    clearTimeout(hidden);
    const slept = isAsleep;
    isAsleep = false;
    tell(wakers, slept);
  };
  const lookAtVisibility = (): void => {
    if (document?.visibilityState !== 'hidden') return wake();
    hide();
    clearTimeout(hidden);
    hidden = setTimeout(sleep, hiddenFor);
  };
  const on = (target: PageWindow | PageDocument | undefined, name: string, listener: () => void): void => {
    target?.addEventListener(name, listener);
    stops.push(() => target?.removeEventListener(name, listener));
  };
  on(document, 'visibilitychange', lookAtVisibility);
  on(document, 'freeze', sleep);
  on(document, 'resume', wake);
  on(window, 'pagehide', () => {
    hide();
    sleep();
  });
  on(window, 'pageshow', wake);
  on(window, 'online', () => {
    if (!isAsleep) tell(wakers);
  });
  // Opened in the background.
  if (document?.visibilityState === 'hidden') hidden = setTimeout(sleep, hiddenFor);

  const add = <Listener>(listeners: Set<Listener>, listener: Listener): (() => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return {
    isAsleep: () => isAsleep,
    onSleep: (listener) => add(sleepers, listener),
    onWake: (listener) => add(wakers, listener),
    onHide: (listener) => add(hiders, listener),
    stop: () => {
      clearTimeout(hidden);
      for (const stop of stops) stop();
    },
  };
}
