import { expect, test } from 'vitest';
import { injectIntoHead } from '../src/inject.ts';

const encoder = new TextEncoder();

function streamOf(...pieces: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
}

async function inject(...pieces: readonly (string | Uint8Array)[]): Promise<string> {
  const bytes = pieces.map((piece) => (typeof piece === 'string' ? encoder.encode(piece) : piece));
  return new Response(injectIntoHead(streamOf(...bytes), '|')).text();
}

// The bar is where the script goes.
const pages = [
  '<!doctype html><html><head>|<title>x</title></head><body>y</body></html>',
  '<!DOCTYPE html>\n<html lang="de">\n<head>\n  <meta charset="utf-8">\n  |<script src="/app.js"></script></head>',
  '<html data-x="a>b" class=\'<head>\'><head data-y=">">|</head>',
  '<!-- <head> --><!doctype html><!----><!--><html><!-- a -- b --><head><base href="/">|<link rel=x></head>',
  '<!doctype html><!-- bang --!><head>|<title></title>',
  '<!doctype html>|<title>without a head</title><p>x',
  '<!doctype html><html>|<body><head></head></body></html>',
  '<!doctype html>|words',
  '<html>|<header>not a head</header>',
  '<html>|<metadata>',
  '<?xml version="1.0"?><!doctype html><html><head>|</head>',
  '<!doctype html><head>|<!doc',
  '<!doctype html><head>|<!-- never closed',
  '<!doctype html><head>\n|',
  '<!doctype html><html>|<head',
  '<HTML><HEAD><META CHARSET=utf-8>|<TITLE>',
  '\ufeff<!doctype html><head>|ü</head>',
];

test.each(pages)('the script goes first into the head: %s', async (expected) => {
  const page = expected.replace('|', '');
  expect(await new Response(injectIntoHead(streamOf(encoder.encode(page)), '|')).text()).toBe(
    expected.replace('\ufeff', ''),
  );
  const bytes = encoder.encode(page);
  for (let at = 1; at < bytes.length; at += 1) {
    expect(await inject(bytes.subarray(0, at), bytes.subarray(at))).toBe(expected.replace('\ufeff', ''));
  }
  expect(await inject(...Array.from(bytes, (byte) => new Uint8Array([byte])))).toBe(expected.replace('\ufeff', ''));
});

test.each(['', 'words', '<p>a fragment</p>', '<div><head></div>', '{"no":"page"}', '<\0h\0t\0m\0l\0>\0'])(
  'what is no page stays as it is: %s',
  async (text) => {
    expect(await inject(text)).toBe(text);
    expect(await inject(...Array.from(text))).toBe(text);
  },
);

test('a comment without end before the head holds nothing back for long', async () => {
  const start = `<!doctype html><!--${'x'.repeat(20_000)}`;
  expect(await inject(start, '--><head></head>')).toBe(`<!doctype html>|${start.slice(15)}--><head></head>`);
});

test('a page is passed on as it comes', async () => {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
  });
  const reader = injectIntoHead(body, '|').getReader();
  const decoder = new TextDecoder();
  const next = async (): Promise<string> => decoder.decode((await reader.read()).value);
  controller?.enqueue(encoder.encode('<!doctype html><head><title>'));
  expect([await next(), await next(), await next()]).toEqual(['<!doctype html><head>', '|', '<title>']);
  controller?.enqueue(encoder.encode('x</title>'));
  expect(await next()).toBe('x</title>');
  controller?.close();
  expect((await reader.read()).done).toBe(true);
});

test.each(['<!doctype html><he', '<!doctype html><head><title>'])(
  'a page that breaks off after %s breaks off here, too',
  async (start) => {
    let pulls = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulls += 1;
        if (pulls === 1) controller.enqueue(encoder.encode(start));
        else controller.error(new Error('cut'));
      },
    });
    await expect(new Response(injectIntoHead(body, '|')).text()).rejects.toThrow('cut');
  },
);

test.each(['<!doctype html><he', '<!doctype html><head><title>'])(
  'nobody who left is written to, after %s',
  async (start) => {
    let reason: unknown;
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (given) => {
        controller = given;
        given.enqueue(encoder.encode(start));
      },
      cancel: (given) => {
        reason = given;
      },
    });
    const injected = injectIntoHead(body, '|');
    await injected.cancel('left');
    controller?.enqueue(encoder.encode('ad><p>'));
    await expect.poll(() => reason).toBe('left');
  },
);
