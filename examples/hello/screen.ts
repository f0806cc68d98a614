import type { Frame } from './demo.ts';
import type { Room } from './table.ts';

/** What people look at: a terminal shows how things stand, a pipe or a file what happened. */
export interface Screen {
  /** Shows the decisions, and below them what there is to say. */
  show(frame: Frame, news: string): void;
  /** Says something while the decisions stay. */
  tell(news: string): void;
}

/** The room above these lines; without end where the output is no terminal. */
export function roomAbove(lines: readonly string[]): Room {
  const { isTTY, columns, rows } = process.stdout;
  // A terminal that does not know its size says 0.
  if (!isTTY || !columns || !rows) return { columns: Infinity, rows: Infinity };
  const taken = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0);
  // The cursor has a line of its own.
  return { columns, rows: rows - taken - 1 };
}

/** Creates the screen on stdout, with what is to be said at its foot. On a terminal it is drawn anew each time, and when the terminal changes its size. */
export function createScreen(hint: () => string): Screen {
  const isTerminal = process.stdout.isTTY;
  let shown: { readonly frame: Frame; readonly news: string } | undefined;
  const draw = (): void => {
    if (!shown) return;
    const below = ['', ...shown.news.split('\n'), ...hint().split('\n')];
    if (isTerminal) process.stdout.write('\u001b[2J\u001b[3J\u001b[H');
    console.log([shown.frame.render(roomAbove(below)), ...below].join('\n'));
  };
  process.stdout.on('resize', draw);
  return {
    show: (frame, news) => {
      shown = { frame, news };
      draw();
    },
    tell: (news) => {
      if (!isTerminal || !shown) return console.error(`\n${news}`);
      shown = { ...shown, news };
      draw();
    },
  };
}
