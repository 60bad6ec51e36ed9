import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync } from '@swc/core';

/** What one file takes from another, or from a package. */
export interface ImportOf {
  readonly specifier: string;
  /** The file of ours that it leads to, as a path from the project's root; null for a package. */
  readonly target: string | null;
  /** Something of it is there at run time; an import of types only is erased. */
  readonly atRuntime: boolean;
}

/** What code reaches out to without importing it. */
export type Use = 'process.env' | 'new Date()' | 'Date.now()' | 'Math.random()' | 'console';

export interface SourceFile {
  /** From the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly ImportOf[];
  readonly uses: ReadonlySet<Use>;
}

export const PROJECT_ROOT = path.resolve(__dirname, '../..');

/** Every text file below the folders given, code parsed. */
export function readSourceTree(folders: readonly string[]): SourceFile[] {
  const paths = folders.flatMap((folder) =>
    readdirSync(path.join(PROJECT_ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(PROJECT_ROOT, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/')),
  );
  return parseSources(new Map(paths.map((file) => [file, readFileSync(path.join(PROJECT_ROOT, file), 'utf8')])));
}

/** The same for sources that stand in no folder: path to text. */
export function parseSources(sources: ReadonlyMap<string, string>): SourceFile[] {
  return [...sources].map(([file, text]) => {
    if (!/\.[cm]?tsx?$/.test(file)) return { path: file, text, imports: [], uses: new Set<Use>() };
    const found = new Scan(file, sources);
    const tsx = file.endsWith('x');
    found.visit(parseSync(text, { syntax: 'typescript', tsx, decorators: true }));
    return { path: file, text, imports: found.imports, uses: found.uses };
  });
}

type SyntaxNode = { readonly type?: string; readonly [field: string]: unknown };

/** Walks the whole syntax tree, so that what stands in a string, a comment or a key is not taken for code. */
class Scan {
  readonly imports: ImportOf[] = [];
  readonly uses = new Set<Use>();

  constructor(
    private readonly path: string,
    private readonly sources: ReadonlyMap<string, string>,
  ) {}

  visit(node: unknown): void {
    if (Array.isArray(node)) {
      for (const each of node) this.visit(each);
    } else if (isNode(node)) {
      if (handsOverEnvironment(node)) return;
      this.look(node);
      for (const field of Object.values(node)) if (typeof field === 'object') this.visit(field);
    }
  }

  private look(node: SyntaxNode): void {
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportNamedDeclaration':
      case 'ExportAllDeclaration':
        if (isNode(node['source'])) this.add(textOf(node['source']), remains(node));
        if (textOf(node['source']) === 'node:process') this.uses.add('process.env');
        break;
      case 'TsImportType':
        this.add(textOf(node['argument']), false);
        break;
      case 'TsExternalModuleReference':
        this.add(textOf(node['expression']), true);
        break;
      case 'CallExpression':
        if (isImportCall(node)) this.add(textOf(firstArgument(node)), true);
        if (isMember(node['callee'], 'Date', 'now')) this.uses.add('Date.now()');
        if (isMember(node['callee'], 'Math', 'random')) this.uses.add('Math.random()');
        break;
      case 'NewExpression':
        if (isNamed(node['callee'], 'Date') && !firstArgument(node)) this.uses.add('new Date()');
        break;
      case 'MemberExpression':
        if (isMember(node, 'process', 'env')) this.uses.add('process.env');
        if (isNamed(node['object'], 'console')) this.uses.add('console');
        break;
      case 'VariableDeclarator':
        if (isNamed(node['init'], 'process')) this.uses.add('process.env');
        break;
    }
  }

  private add(specifier: string, atRuntime: boolean): void {
    this.imports.push({ specifier, atRuntime, target: specifier.startsWith('.') ? this.resolve(specifier) : null });
  }

  private resolve(specifier: string): string {
    const target = path.posix.join(path.posix.dirname(this.path), specifier);
    const files = [target, `${target}.ts`, `${target}.tsx`, target.replace(/\.js$/, '.ts'), `${target}/index.ts`];
    return files.find((file) => this.sources.has(file)) ?? target;
  }
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null;
}

/** `env: { ...process.env, LC_ALL: 'C' }` reads nothing: it passes the environment on to a child process. */
function handsOverEnvironment(node: SyntaxNode): boolean {
  if (node.type !== 'KeyValueProperty' || !isNamed(node['key'], 'env') || !isNode(node['value'])) return false;
  const properties = node['value']['properties'];
  if (!Array.isArray(properties)) return false;
  return properties.every((each) => each.type === 'KeyValueProperty' || isMember(each['arguments'], 'process', 'env'));
}

/** Whether anything of an import or re-export is there at run time. */
function remains(node: SyntaxNode): boolean {
  const specifiers = node['specifiers'] as readonly SyntaxNode[] | undefined;
  if (node['typeOnly'] === true) return false;
  return !specifiers?.length || specifiers.some((each) => each['isTypeOnly'] !== true);
}

function isImportCall(node: SyntaxNode): boolean {
  const { callee } = node;
  const called = isNode(callee) && (callee.type === 'Import' || isNamed(callee, 'require'));
  return called && isNode(firstArgument(node)) && (firstArgument(node) as SyntaxNode).type === 'StringLiteral';
}

function firstArgument(node: SyntaxNode): unknown {
  return (node['arguments'] as readonly { expression: unknown }[] | undefined)?.[0]?.expression;
}

function isNamed(node: unknown, name: string): boolean {
  return isNode(node) && node.type === 'Identifier' && node['value'] === name;
}

/** `object.property` or `object['property']`, also as a part of `globalThis.object.property`. */
function isMember(node: unknown, object: string, property: string): boolean {
  if (!isNode(node) || node.type !== 'MemberExpression') return false;
  const { property: last } = node;
  const named =
    isNamed(last, property) || (isNode(last) && last.type === 'Computed' && textOf(last['expression']) === property);
  return named && (isNamed(node['object'], object) || isMember(node['object'], 'globalThis', object));
}

function textOf(node: unknown): string {
  return isNode(node) && typeof node['value'] === 'string' ? node['value'] : '';
}
