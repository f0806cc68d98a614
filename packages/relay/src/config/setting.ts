/** How people write a setting where there is nothing but text: `rate` is `perSecond/burst` or `off`, a list has commas. */
export type Form = 'text' | 'number' | 'switch' | 'list' | 'rate';

/** What is known of one setting. */
export interface Setting {
  /** Its place in the file, e.g. `limits.connects`. */
  readonly path: string;
  readonly form: Form;
  /** One line for help and documentation. */
  readonly about: string;
  /** As commander wants it. */
  readonly option?: string;
  /** Variables beside the one that its path gives. */
  readonly variables?: readonly string[];
  /** Its value when nobody says anything. */
  readonly fallback?: string | number | boolean | readonly string[];
  /** What help says of its default, where the value does not say it. */
  readonly fallbackText?: string;
  /** Never shown. */
  readonly isSecret?: boolean;
  /** A path in the file is relative to the file. */
  readonly isPath?: boolean;
}

/** The variable of a setting: `limits.connects` is `FLAGS_RELAY_LIMITS_CONNECTS`. */
export function variableOf({ path }: Setting): string {
  return `FLAGS_RELAY_${path
    .replaceAll('.', '_')
    .replaceAll(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase()}`;
}

/** The option of a setting without its argument: `--key-file`. */
export function optionOf({ option }: Setting): string | undefined {
  return /--[a-z-]+/.exec(option ?? '')?.[0];
}
