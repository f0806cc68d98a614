import { compileRuleset } from '@flags/core';
import type { Ruleset } from '@flags/core';
import type { FlagClient, Store, SumOf } from '@flags/sync';
import { createFlagClient, createSnapshots, holdRuleset } from '@flags/sync';
import { rulesetOf, switchFlag } from '../entries.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createScriptedTransport } from '../scripted-transport.ts';
import { expectEqual } from './expect-equal.ts';

/** A place for one text, empty at first. */
export interface OpenStore {
  /** A store over this place, as another run of the program, or another process, would open it. */
  readonly open: () => Store;
  readonly remove: () => Promise<void>;
}

/** What a store's suite needs. `test` is a test runner's function. */
export interface StoreSuite {
  readonly test: (name: string, body: () => Promise<void>) => void;
  readonly createPlace: () => Promise<OpenStore>;
  /** What `createSnapshots` gets on this platform. */
  readonly sumOf: SumOf;
}

/** The promises of the `Store` port, and of a client over it. Every store's tests call this with its own factory. */
export function describeStore({ test, createPlace, sumOf }: StoreSuite): void {
  const withPlace = async (body: (open: OpenStore['open']) => Promise<void>): Promise<void> => {
    const { open, remove } = await createPlace();
    try {
      await body(open);
    } finally {
      await remove();
    }
  };

  test('holds nothing at first, and then the last text, exactly', () =>
    withPlace(async (open) => {
      const store = open();
      expectEqual(store.read(), undefined);
      for (const text of [`{"a":"ü\u2028\\n"}\r\n\n `, 'x'.repeat(2_000_000), 'short']) {
        await store.write(text);
        expectEqual(store.read() === text, true);
        expectEqual(open().read() === text, true);
      }
    }));

  test('shows a whole text at any moment, whoever writes meanwhile', () =>
    withPlace(async (open) => {
      const texts = Array.from({ length: 6 }, (_, at) => `${at}`.repeat(50_000 + at));
      const isWhole = (): boolean => texts.includes(open().read() ?? '');
      await open().write(texts[0] ?? '');
      // Whoever has written looks, while the others are at it.
      const writeAgain = async (text: string): Promise<void> => {
        const store = open();
        for (let round = 0; round < 10; round += 1) {
          await store.write(text);
          expectEqual(isWhole(), true);
        }
      };
      await Promise.all(texts.map(writeAgain));
    }));

  test('gives a client the rules of the last run', () =>
    withPlace(async (open) => {
      await keep(open(), 2, sumOf);
      const client = start(open(), sumOf);
      expectEqual(client.status().source, 'cache');
      expectEqual(client.snapshot()?.version, 2);
    }));

  test('a text that was cut, edited or left by something else is as good as none, and is replaced', () =>
    withPlace(async (open) => {
      await keep(open(), 2, sumOf);
      const whole = open().read() ?? '';
      const edited = whole.replace('"variation":"on"', '"variation":"off"');
      for (const text of [whole.slice(0, whole.length / 2), edited, '', '[]', '{"format":99}']) {
        await open().write(text);
        expectEqual(start(open(), sumOf).snapshot(), undefined);
      }
      await keep(open(), 3, sumOf);
      expectEqual(start(open(), sumOf).snapshot()?.version, 3);
    }));

  test('old rules give way to a newer bootstrap, and stay before an older one', () =>
    withPlace(async (open) => {
      await keep(open(), 2, sumOf);
      expectEqual(start(open(), sumOf, rules(3)).snapshot()?.version, 3);
      expectEqual(start(open(), sumOf, rules(1)).snapshot()?.version, 2);
    }));
}

function rules(version: number): Ruleset {
  return rulesetOf(version, [switchFlag('a', { version })]);
}

/** One run of a program, whose relay has these rules. */
async function keep(store: Store, version: number, sumOf: SumOf): Promise<void> {
  const ruleset = rules(version);
  const { position } = holdRuleset(compileRuleset(ruleset));
  const transport = createScriptedTransport((request) => {
    request.respond();
    request.send({ type: 'FULL_SYNC', position, reason: 'initial', ruleset: { ...ruleset } });
  });
  const client = createClient(store, sumOf, transport);
  await client.close();
}

/** The beginning of another run, before its relay answers. */
function start(store: Store, sumOf: SumOf, bootstrap?: unknown): FlagClient {
  return createClient(store, sumOf, createScriptedTransport(), bootstrap);
}

function createClient(
  store: Store,
  sumOf: SumOf,
  transport: ReturnType<typeof createScriptedTransport>,
  bootstrap?: unknown,
): FlagClient {
  const ports = { transport, clock: createFakeClock(), random: () => 0.5 };
  const options = { url: 'http://suite', key: 'suite', bootstrap };
  return createFlagClient(options, { ...ports, createSnapshots: createSnapshots(store, sumOf) });
}
