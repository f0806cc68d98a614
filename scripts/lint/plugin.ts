import { basename, resolve } from 'node:path';
import type { ESTree, Plugin, Rule } from '@oxlint/plugins';
import { floorProblem } from '../workspace/floors.ts';

const root = resolve(import.meta.dirname, '../..');

/** No import goes up a floor, sideways, or out of its package by a relative path; types included. */
const floors: Rule = {
  create(context) {
    const check = (node: ESTree.Node): void => {
      if (!('source' in node) || typeof node.source !== 'object') return;
      if (node.source?.type !== 'Literal' || typeof node.source.value !== 'string') return;
      const message = floorProblem(root, context.filename, node.source.value);
      if (message) context.report({ node: node.source, message });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    };
  },
};

/** `Date` without arguments reads a clock. (`Date.now` is a restricted property in the lint configuration.) */
const noClockDate: Rule = {
  create(context) {
    const check = (node: ESTree.Node): void => {
      if (node.type !== 'NewExpression' && node.type !== 'CallExpression') return;
      if (node.callee.type !== 'Identifier' || node.callee.name !== 'Date') return;
      // Called without `new`, Date ignores its arguments.
      if (node.type === 'NewExpression' && node.arguments.length > 0) return;
      context.report({ node, message: 'This reads the clock: take the time as an argument.' });
    };
    return { NewExpression: check, CallExpression: check };
  },
};

/** Everything exported says what it promises, in a doc comment where it is declared; of overloads the first does. */
const docComment: Rule = {
  create(context) {
    return {
      ExportNamedDeclaration(node) {
        if (!node.declaration) {
          if (node.source || node.specifiers.length === 0) return;
          context.report({ node, message: 'Export it where it is declared, with its doc comment.' });
          return;
        }
        const comments = context.sourceCode.getCommentsBefore(node);
        if (comments.some((comment) => comment.type === 'Block' && comment.value.startsWith('*'))) return;
        if (isLaterOverload(node)) return;
        context.report({ node, message: 'Say in a doc comment what this promises.' });
      },
    };
  },
};

function isLaterOverload(node: ESTree.ExportNamedDeclaration): boolean {
  if (node.parent.type !== 'Program') return false;
  const before = node.parent.body[node.parent.body.indexOf(node) - 1];
  if (before?.type !== 'ExportNamedDeclaration' || before.declaration?.type !== 'TSDeclareFunction') return false;
  const { declaration } = node;
  const isFunction = declaration?.type === 'FunctionDeclaration' || declaration?.type === 'TSDeclareFunction';
  return isFunction && declaration.id?.name === before.declaration.id?.name;
}

/** `index.ts` is the public list: it alone re-exports, and it names what it re-exports. */
const publicList: Rule = {
  create(context) {
    return {
      ExportAllDeclaration(node) {
        context.report({ node, message: 'Name what is exported: a star makes the whole inside public.' });
      },
      ExportNamedDeclaration(node) {
        if (!node.source || basename(context.filename) === 'index.ts') return;
        context.report({ node, message: 'Only index.ts re-exports: import it from where it is declared.' });
      },
    };
  },
};

/** Functions and closures first; a class only for errors. */
const errorClasses: Rule = {
  create(context) {
    const check = (node: ESTree.Node): void => {
      if (node.type !== 'ClassDeclaration' && node.type !== 'ClassExpression') return;
      if (node.superClass?.type === 'Identifier' && node.superClass.name.endsWith('Error')) return;
      context.report({ node, message: 'A class only for errors: return an object of functions over a closure.' });
    };
    return { ClassDeclaration: check, ClassExpression: check };
  },
};

/** A file is named by what it holds; a drawer for everything holds anything. */
const tellingName: Rule = {
  create(context) {
    return {
      Program(node) {
        if (!/^(utils?|helpers?|common|misc|shared)\.tsx?$/.test(basename(context.filename))) return;
        context.report({ node, message: 'Name the file by the one idea it holds.' });
      },
    };
  },
};

// House rules that oxlint has no rule for. scripts/test/lint.test.ts proves each with a planted file.
const plugin: Plugin = {
  meta: { name: 'flags' },
  rules: {
    floors,
    'no-clock-date': noClockDate,
    'doc-comment': docComment,
    'public-list': publicList,
    'error-classes': errorClasses,
    'telling-name': tellingName,
  },
};

export default plugin;
