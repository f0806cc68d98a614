import type { SourceConfig } from '../source-config.ts';
import { isSigningKey, MAKE_KEY } from '../sealer.ts';
import type { Given } from './sources.ts';
import { readText } from './sources.ts';

/** The private key to sign with, in PEM, if there is one; reports why it cannot be used, and quotes none of it. */
export async function readSigningKey(
  from: ReadonlyMap<string, Given>,
  source: SourceConfig | undefined,
  report: (problem: string) => void,
): Promise<string | undefined> {
  const given = from.get('signingKey');
  const file = from.get('signingKeyFile');
  const named = given ?? file;
  if (named === undefined) return undefined;
  if (source !== undefined && source.kind !== 'flags') {
    report(
      `${named.origin}: only a relay with --flags signs; one that serves what another holds passes signatures on.`,
    );
    return undefined;
  }
  // In a variable, line breaks are often written as two characters.
  const text =
    given === undefined
      ? await readText(String(file?.value), named.origin, report)
      : String(given.value).replaceAll('\\n', '\n');
  if (text === undefined || isSigningKey(text)) return text;
  report(`${named.origin}: this is no Ed25519 private key in PEM. Make one: ${MAKE_KEY}`);
  return undefined;
}

/** Reports where keys are to be checked of flags that this relay makes itself. */
export function checkVerifyKeys(
  from: ReadonlyMap<string, Given>,
  source: SourceConfig | undefined,
  report: (problem: string) => void,
): void {
  const given = from.get('verifyKeys');
  const isNone = given === undefined || (Array.isArray(given.value) && given.value.length === 0);
  if (isNone || source === undefined || source.kind === 'upstream') return;
  report(`${given.origin}: only a relay that follows another (--upstream) checks signatures. Leave it out.`);
}
