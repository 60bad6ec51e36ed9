const { Script } = require('node:vm');
const { default: Runtime } = require('jest-runtime');

/** Compiled code by the path of its file, with the text that it was compiled from. */
const compiled = new Map();

/** Texts of installed packages by their path, which no run of tests changes. */
const libraries = new Map();

/**
 * jest evaluates every module anew for each test file, so that no file sees what another has done, and reads and compiles
 * it anew as well. This evaluates anew and no more: a worker compiles the text of a module once, for all its test files.
 */
module.exports = class SharedCodeRuntime extends Runtime {
  constructor(config, environment, resolver, transformer, sources, ...rest) {
    super(config, environment, resolver, transformer, sources, ...rest);
    for (const [path, text] of libraries) sources.set(path, text);
    this.sources = sources;
    // A part of jest's runtime that may be another in another version, which then compiles as jest does.
    const { executor } = this;
    if (!executor?.compile || !executor.injectedModuleParameters) return;
    const compileAnew = executor.compile.bind(executor);
    executor.compile = (text, path) => {
      const context = environment.getVmContext();
      const script = context && compileOnce(text, path, executor.injectedModuleParameters);
      // What is no code is told about in jest's own words.
      return script ? script.runInContext(context) : compileAnew(text, path);
    };
  }

  teardown() {
    for (const [path, text] of this.sources) if (path.includes('/node_modules/')) libraries.set(path, text);
    super.teardown();
  }
};

function compileOnce(text, path, parameters) {
  const known = compiled.get(path);
  if (known?.text === text) return known.script;
  const head = `(function (${parameters.join(', ')}) {`;
  try {
    const script = new Script(`${head}${text}\n})`, { filename: path, columnOffset: -head.length });
    compiled.set(path, { text, script });
    return script;
  } catch {
    return null;
  }
}
