import { statSync } from 'node:fs';
import type { FileProblem } from '@flags/config';
import { nextChangeAt, type Resolution } from '@flags/core';

import { startRelay } from './start-relay.ts';
import { startService, users } from './service.ts';
import { changedFlags, type Decisions, renderTable, type Room } from './table.ts';

/** What the demo shows each time the decisions may have changed. */
export interface Frame {
  /** The table, for a terminal of any size. */
  readonly render: (room: Room) => string;
  readonly changed: readonly string[];
  /** From the file's time of saving to the client that decides by it, in milliseconds. */
  readonly propagationMs: number | undefined;
}

export interface Demo {
  readonly url: string;
  readonly serverKey: string;
  readonly clientKey: string;
  /** Lets pages of these origins read flags, with the client key. */
  letIn(origins: readonly string[]): void;
  readonly first: Frame;
  /** Says goodbye to the client, drains the relay. */
  close(): Promise<void>;
}

/** Starts a relay on the flag file and a service that decides for some users; shows every change. */
export async function startDemo(
  file: string,
  port: number | undefined,
  colours: boolean,
  show: (frame: Frame) => void,
  complain: (problems: readonly FileProblem[]) => void,
  relax: () => void = () => {},
): Promise<Demo> {
  const { relay, serverKey, clientKey } = await startRelay(file, port, {
    onBrokenSource: complain,
    onMendedSource: relax,
  });
  const { flags } = startService(relay.url, serverKey);
  const ready = await flags.ready({ timeoutMs: 5000 });
  if (!ready.source) {
    await flags.close();
    await relay.close();
    throw new Error(`The service got no flags: ${ready.message}`);
  }

  const decide = (): Decisions => {
    const rows = new Map<string, Resolution[]>();
    for (const { context } of users) {
      for (const [flag, resolution] of Object.entries(flags.all(context)))
        rows.set(flag, [...(rows.get(flag) ?? []), resolution]);
    }
    return rows;
  };
  const names = users.map(({ name }) => name);
  let shown: Decisions = decide();
  let timer: NodeJS.Timeout | undefined;

  // Schedules and rollouts change decisions without anyone saving anything.
  const wakeAtNextChange = (): void => {
    clearTimeout(timer);
    const ruleset = flags.snapshot();
    const now = Date.now();
    const at = ruleset && Math.min(...users.map(({ context }) => nextChangeAt(ruleset, now, context) ?? Infinity));
    if (at !== undefined) timer = setTimeout(refresh, Math.min(Math.max(at - now, 1000), 2 ** 31 - 1));
  };
  const frame = (changed: readonly string[], propagationMs?: number): Frame => ({
    render: renderTable.bind(undefined, names, shown, new Set(changed), colours),
    changed,
    propagationMs,
  });
  function refresh(propagationMs?: number): void {
    const before = shown;
    shown = decide();
    wakeAtNextChange();
    const changed = changedFlags(before, shown);
    if (changed.length) show(frame(changed, propagationMs));
  }

  let position = flags.status().position;
  const stop = flags.subscribe(() => {
    if (flags.status().position === position) return;
    position = flags.status().position;
    refresh(Date.now() - statSync(file).mtimeMs);
  });
  wakeAtNextChange();
  return {
    url: relay.url,
    serverKey,
    clientKey,
    letIn: (origins) => relay.setKeys([serverKey, { key: clientKey, origins }]),
    first: frame([]),
    async close() {
      stop();
      clearTimeout(timer);
      await flags.close();
      await relay.close();
    },
  };
}
