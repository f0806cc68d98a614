/** Samples of a scrape: `name{label="value"}` → number. */
export type Samples = ReadonlyMap<string, number>;

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABELS = `\\{(?:[a-zA-Z_]\\w*="(?:[^"\\\\\\n]|\\\\["\\\\n])*",?)*\\}`;
const HELP = new RegExp(`^# HELP (${NAME}) \\S.*$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`);
const SAMPLE = new RegExp(`^(${NAME})(${LABELS})? (-?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?)$`);

/**
 * Reads the text format as strictly as it is written down: each metric has its help, then its type, then samples of that
 * name alone, none of them twice. Throws at the first line that is not so.
 */
export function parsePrometheus(text: string): Samples {
  const samples = new Map<string, number>();
  const described = new Set<string>();
  let name = '';
  let type = '';
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue;
    const help = HELP.exec(line)?.[1];
    const typed = TYPE.exec(line);
    const sample = SAMPLE.exec(line);
    if (help !== undefined) {
      if (described.has(help)) throw new Error(`described twice: ${help}`);
      described.add(help);
      [name, type] = [help, ''];
    } else if (typed !== null && typed[1] === name && type === '') type = typed[2] ?? '';
    else if (sample !== null && type !== '') {
      const [, of = '', labels = '', value] = sample;
      const base = type === 'histogram' ? of.replace(/_(?:bucket|sum|count)$/, '') : of;
      if (base !== name) throw new Error(`a sample of another metric under ${name}: ${line}`);
      if (samples.has(of + labels)) throw new Error(`twice: ${line}`);
      samples.set(of + labels, Number(value));
    } else throw new Error(`not of the format: ${line}`);
  }
  return samples;
}
