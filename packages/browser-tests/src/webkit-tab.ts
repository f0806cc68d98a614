import { setTimeout as delay } from 'node:timers/promises';
import { By } from 'selenium-webdriver';
import type { WebDriver } from 'selenium-webdriver';
import type { Tab } from './tab.ts';

const PAUSE_MS = 5;

/** A tab of WebKit, and what a person does in it. */
export interface WebKitTab extends Tab {
  /** Clicks on what an XPath finds first. */
  readonly click: (xpath: string) => Promise<void>;
}

/** Gives a tab its turn with the driver, which looks at a single one at a time. */
export type InTab = <T>(work: (driver: WebDriver) => Promise<T>) => Promise<T>;

/** What became of work in a page: nothing yet, for the one with this number. */
type Outcome = { readonly pending: number } | { readonly value?: unknown } | { readonly error: string };

/** What tabs of Playwright can be told, over WebDriver. */
export function createWebKitTab(inTab: InTab, isClosed: () => boolean): Omit<WebKitTab, 'close'> {
  /** Gives others their turn while the page is at it. */
  async function evaluate(body: unknown, given?: unknown): Promise<unknown> {
    const read = async (expression: string): Promise<Outcome> => {
      // As text, since the protocol has no `undefined`.
      const script = `return JSON.stringify(${expression}) ?? '{"error":"The page was left."}'`;
      return JSON.parse(await inTab((driver) => driver.executeScript<string>(script))) as Outcome;
    };
    let outcome = await read(`(${String(begin)})(() => (${String(body)})(${JSON.stringify(given)}))`);
    while ('pending' in outcome) {
      await delay(PAUSE_MS);
      outcome = await read(`window.outcomes?.[${outcome.pending}]`);
    }
    if ('error' in outcome) throw new Error(outcome.error);
    return outcome.value;
  }

  /** Asks the page again and again what it has called, for as long as its document is there. */
  async function answerCalls(name: string, callback: (...given: unknown[]) => unknown): Promise<void> {
    let answers: unknown[] = [];
    while (!isClosed()) {
      const calls = (await evaluate(takeCalls, { name, answers })) as unknown[][] | undefined;
      if (calls === undefined) return;
      answers = [];
      for (const each of calls) answers.push(await callback(...each));
      await delay(PAUSE_MS);
    }
  }

  return {
    goto: async (url) => {
      await inTab((driver) => driver.get(url));
      return null;
    },
    evaluate: evaluate as Tab['evaluate'],
    exposeFunction: async (name, callback) => {
      await evaluate(installCalls, name);
      answerCalls(name, callback as (...given: unknown[]) => unknown).catch(() => {});
      return { dispose: async () => {}, [Symbol.asyncDispose]: async () => {} };
    },
    click: (xpath) => inTab((driver) => driver.findElement(By.xpath(xpath)).click()),
  };
}

type Calls = Record<string, { take?: (answers: readonly unknown[]) => unknown[][] } | undefined>;

// The functions below run in pages: they use nothing from outside.

function begin(work: () => unknown): Outcome {
  const result = work();
  if (!(result instanceof Promise)) return { value: result };
  const page = window as unknown as { outcomes?: Outcome[] };
  const outcomes = (page.outcomes ??= []);
  const pending = outcomes.length;
  outcomes.push({ pending });
  result.then(
    (value: unknown) => (outcomes[pending] = { value }),
    (error: unknown) => (outcomes[pending] = { error: String(error) }),
  );
  return { pending };
}

function installCalls(name: string): void {
  const calls: unknown[][] = [];
  const waiting: ((answer: unknown) => void)[] = [];
  const call = (...given: unknown[]): Promise<unknown> =>
    new Promise((resolve) => {
      waiting.push(resolve);
      calls.push(given);
    });
  const take = (answers: readonly unknown[]): unknown[][] => {
    for (const answer of answers) waiting.shift()?.(answer);
    return calls.splice(0);
  };
  (window as unknown as Calls)[name] = Object.assign(call, { take });
}

function takeCalls({ name, answers }: { name: string; answers: readonly unknown[] }): unknown[][] | undefined {
  return (window as unknown as Calls)[name]?.take?.(answers);
}
