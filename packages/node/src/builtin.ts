import type * as crypto from 'node:crypto';
import type * as fs from 'node:fs';
import type * as promises from 'node:fs/promises';
import type * as http from 'node:http';
import type * as https from 'node:https';
import { createRequire } from 'node:module';
import type * as net from 'node:net';
import type * as tls from 'node:tls';
import type * as zlib from 'node:zlib';

/** The modules of Node that are loaded late. */
interface Builtins {
  readonly 'node:crypto': typeof crypto;
  readonly 'node:fs': typeof fs;
  readonly 'node:fs/promises': typeof promises;
  readonly 'node:http': typeof http;
  readonly 'node:https': typeof https;
  readonly 'node:net': typeof net;
  readonly 'node:tls': typeof tls;
  readonly 'node:zlib': typeof zlib;
}

let require: NodeJS.Require | undefined;

/**
 * A module of Node's own, loaded when it is first needed, so that a process reads its first flag sooner. By `require`: `import` asks
 * such a module for all that it exports, and `node:http` then loads all of `fetch` (45 of the 60 ms that its import takes).
 */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] {
  // What is Node's own is found from anywhere.
  require ??= createRequire('/');
  return require(name) as Builtins[Name];
}
