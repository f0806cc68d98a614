// A page of components that read flags, with one library, in a page of a process of its own. Only counts are told, so
// jsdom and React's development build do.
import { createRequire } from 'node:module';
import { answerQuestions } from '../frame/processes.ts';

process.env['NODE_ENV'] = 'development';

/** What is asked: so many components, each reading one of so many flags. */
export interface PageQuestion {
  readonly library: string;
  readonly components: number;
  readonly flags: number;
}

/** What happened. */
export interface PageCounts {
  readonly mounted: number;
  /** When one flag changed. */
  readonly renders: number;
  readonly commits: number;
}

function openPage(): void {
  const { JSDOM } = createRequire(import.meta.url)('jsdom') as {
    readonly JSDOM: new (html: string) => { readonly window: Record<string, unknown> };
  };
  const { window } = new JSDOM('<!doctype html><div id="root"></div>');
  const { document, MutationObserver, HTMLElement } = window;
  Object.assign(globalThis, { window, document, MutationObserver, HTMLElement, IS_REACT_ACT_ENVIRONMENT: true });
}

async function measure({ library: name, components, flags }: PageQuestion): Promise<PageCounts> {
  openPage();
  // Only now: React and the libraries look around when they are imported.
  const { act, createElement, Profiler } = await import('react');
  const { createRoot } = await import('react-dom/client');
  const { libraries } = await import('./libraries.ts');
  const library = libraries.find((one) => one.name === name);
  if (library === undefined) throw new Error(`There is no library ${name}.`);
  const keys = Array.from({ length: flags }, (_, i) => `flag-${i}`);
  const bound = await library.bind(keys);
  let [renders, commits] = [0, 0];
  const Component = ({ flag }: { readonly flag: string }): string => {
    renders += 1;
    return bound.read(flag) ? '1' : '0';
  };
  const list = Array.from({ length: components }, (_, i) =>
    createElement(Component, { key: i, flag: keys[i % flags] ?? '' }),
  );
  const place = (globalThis as unknown as { document: { getElementById(id: string): { textContent: string } } })
    .document;
  const root = place.getElementById('root');
  const app = createElement(Profiler, { id: 'app', onRender: () => void (commits += 1) }, bound.provide(list));
  await act(async () => createRoot(root as never).render(app));
  await act(() => new Promise((resolve) => void setTimeout(resolve, 20)));
  const mounted = renders;
  [renders, commits] = [0, 0];
  await act(async () => bound.turnOn('flag-3'));
  await act(() => new Promise((resolve) => void setTimeout(resolve, 20)));
  const shown = root.textContent.split('1').length - 1;
  if (shown !== components / flags) throw new Error(`${name} shows the change in ${shown} components.`);
  return { mounted, renders, commits };
}

answerQuestions(measure);
