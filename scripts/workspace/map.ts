/** How a page's map differs from the files that are there. */
export interface MapProblems {
  /** Files, and folders with a slash, that lie in a drawn folder but have no place on the map. */
  readonly missing: readonly string[];
  /** What the map shows and is not there. */
  readonly gone: readonly string[];
}

/**
 * Compares the tree below the heading "## Map" with a list of files. A line is indented by two spaces a level and names one or more
 * files or folders, then after two spaces says what they are. A folder is complete on the map or has no lines below it. Pages in
 * Markdown and licences need no place.
 */
export function readMap(page: string, files: readonly string[]): MapProblems {
  const [, tree = ''] = /^## Map\n.*?^```\n(.*?)^```/ms.exec(page) ?? [];
  const shown = new Set<string>();
  const open: string[] = [];
  const drawn = new Set(['']);
  for (const line of tree.split('\n').filter(Boolean)) {
    const indent = line.length - line.trimStart().length;
    const parent = open[indent / 2 - 1] ?? '';
    drawn.add(parent);
    for (const name of (line.trim().split('  ')[0] ?? '').split(' ')) {
      shown.add(parent + name);
      if (name.endsWith('/')) open[indent / 2] = parent + name;
    }
  }
  const there = new Set<string>();
  for (const file of files) {
    const parts = file.split('/');
    for (const depth of parts.keys())
      there.add(parts.slice(0, depth + 1).join('/') + (depth + 1 < parts.length ? '/' : ''));
  }
  const needsPlace = (path: string): boolean =>
    drawn.has(path.replace(/[^/]+\/?$/, '')) && !/\.md$|LICENSE|package\.json$|tsconfig\.json$/.test(path);
  return {
    missing: [...there].filter((path) => needsPlace(path) && !shown.has(path)).sort(),
    gone: [...shown].filter((path) => !there.has(path)).sort(),
  };
}
