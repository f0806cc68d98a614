import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createPageClock } from '../src/clock.ts';
import { createPageLife } from '../src/page-life.ts';
import type { PageLife } from '../src/page-life.ts';

type FakeDocument = EventTarget & { visibilityState: DocumentVisibilityState };

interface World {
  readonly life: PageLife;
  readonly window: EventTarget;
  readonly document: FakeDocument;
  readonly heard: string[];
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function begin(visibility: DocumentVisibilityState = 'visible'): World {
  const window = new EventTarget();
  const document: FakeDocument = Object.assign(new EventTarget(), { visibilityState: visibility });
  const life = createPageLife(window, document);
  const heard: string[] = [];
  life.onSleep(() => heard.push('sleep'));
  life.onWake((slept) => heard.push(slept ? 'wake from sleep' : 'wake'));
  life.onHide(() => heard.push('hide'));
  return { life, window, document, heard };
}

function show({ document }: World, visibility: DocumentVisibilityState): void {
  document.visibilityState = visibility;
  document.dispatchEvent(new Event('visibilitychange'));
}

test('a page that is hidden sleeps after two minutes, and wakes when it is seen', () => {
  const world = begin();
  show(world, 'hidden');
  vi.advanceTimersByTime(119_000);
  expect(world.heard).toEqual(['hide']);
  expect(world.life.isAsleep()).toBe(false);
  vi.advanceTimersByTime(2_000);
  expect(world.heard).toEqual(['hide', 'sleep']);
  expect(world.life.isAsleep()).toBe(true);
  show(world, 'visible');
  expect(world.heard).toEqual(['hide', 'sleep', 'wake from sleep']);
  expect(world.life.isAsleep()).toBe(false);
});

test('a page that is seen again before that does not sleep', () => {
  const world = begin();
  show(world, 'hidden');
  vi.advanceTimersByTime(60_000);
  show(world, 'visible');
  vi.advanceTimersByTime(300_000);
  expect(world.heard).toEqual(['hide', 'wake']);
});

test('a page that opens in the background sleeps, too', () => {
  const world = begin('hidden');
  vi.advanceTimersByTime(120_000);
  expect(world.heard).toEqual(['sleep']);
});

test.each([
  ['window', 'pagehide', 'pageshow', ['hide', 'sleep', 'wake from sleep']],
  ['document', 'freeze', 'resume', ['sleep', 'wake from sleep']],
] as const)('%s: `%s` puts a page to sleep once, `%s` wakes it', (target, sleep, wake, heard) => {
  const world = begin();
  world[target].dispatchEvent(new Event(sleep));
  world[target].dispatchEvent(new Event(wake));
  expect(world.heard).toEqual(heard);
});

test('the network’s return wakes a page that is awake, and no other', () => {
  const world = begin();
  world.window.dispatchEvent(new Event('online'));
  world.window.dispatchEvent(new Event('pagehide'));
  world.window.dispatchEvent(new Event('online'));
  expect(world.heard).toEqual(['wake', 'hide', 'sleep']);
  expect(world.life.isAsleep()).toBe(true);
});

test('nothing is heard after a stop', () => {
  const world = begin();
  show(world, 'hidden');
  world.life.stop();
  show(world, 'visible');
  vi.advanceTimersByTime(300_000);
  expect(world.heard).toEqual(['hide']);
});

test('while a page sleeps its steady time stands still and its timers wait', () => {
  const world = begin();
  const clock = createPageClock(world.life);
  const fired: string[] = [];
  const start = clock.monotonic();
  const from = clock.now();
  clock.after(10_000, () => fired.push('ten'));
  clock.after(20_000, () => fired.push('never'))();
  vi.advanceTimersByTime(4_000);
  world.document.dispatchEvent(new Event('freeze'));
  clock.after(8_000, () => fired.push('eight'));
  vi.advanceTimersByTime(100_000);
  expect(fired).toEqual([]);
  expect(clock.monotonic() - start).toBe(4_000);
  expect(clock.now() - from).toBe(104_000);
  world.document.dispatchEvent(new Event('resume'));
  vi.advanceTimersByTime(6_000);
  expect(fired).toEqual(['ten']);
  vi.advanceTimersByTime(20_000);
  expect(fired).toEqual(['ten', 'eight']);
  expect(clock.monotonic() - start).toBe(30_000);
});
