import type { ExecutionResult, GraphQLResolveInfo } from 'graphql';
import { makeAnswer } from './answer';
import type { Leaf } from './leaf';
import { type FieldPlan, type ObjectPlan, type OperationPlan, type Path, Run } from './run';
import { refuseTooLarge } from './size';

type Answer = Record<string, unknown>;
const NO_ARGUMENTS = Object.freeze({});

/** Executes a planned operation as `execute` of graphql-js does: fields, errors and their order are the same. */
export function executePlan(
  plan: OperationPlan,
  rootValue: unknown,
  context: unknown,
  variables: { readonly [name: string]: unknown },
  sizeMax: number,
): ExecutionResult | Promise<ExecutionResult> {
  const run = new Run(plan, rootValue, context, variables, sizeMax);
  const refuse = (error: unknown): ExecutionResult => {
    if (run.isTooLarge) return refuseTooLarge();
    run.add(error as never, undefined);
    return { errors: run.errors, data: null };
  };
  const finish = (data: unknown): ExecutionResult => {
    if (run.isTooLarge) return refuseTooLarge();
    return run.errors.length === 0 ? { data: data as Answer } : { errors: run.errors, data: data as Answer };
  };
  try {
    const serially = plan.operation.operation === 'mutation';
    const data = serially ? executeSerially(run, plan.root) : executeFields(run, plan.root, rootValue, undefined);
    return isPromise(data) ? data.then(finish, refuse) : finish(data);
  } catch (error) {
    return refuse(error);
  }
}

/** One field after the other: the next one begins when all below the one before it is there. */
function executeSerially(run: Run, { fields }: ObjectPlan): unknown {
  const answer = makeAnswer();
  let last: unknown = answer;
  const next = (field: FieldPlan): unknown => {
    const value = field.constant ?? executeField(run, field, run.rootValue, undefined);
    if (!isPromise(value)) {
      answer[field.name] = value;
      return answer;
    }
    return value.then((settled) => {
      answer[field.name] = settled;
      return answer;
    });
  };
  for (const field of fields) last = isPromise(last) ? last.then(() => next(field)) : next(field);
  return last;
}

/** The answer of one object, or a promise of it. @throws GraphQLError when a field is null that may not be. */
export function executeFields(run: Run, plan: ObjectPlan, source: unknown, path: Path | undefined): unknown {
  run.size += plan.frame;
  if (run.isTooLarge) return LEFT_OUT;
  const answer = makeAnswer();
  const row = isObjectLike(source) ? source : null;
  let names: string[] | null = null;
  let waiting: PromiseLike<unknown>[] = NONE;
  try {
    for (const field of plan.fields) {
      const value =
        field.constant ??
        (field.isProperty ? readProperty(run, field, row, source, path) : executeField(run, field, source, path));
      answer[field.name] = value;
      if (isPromise(value)) {
        if (names === null) {
          names = [];
          waiting = [];
        }
        names.push(field.name);
        waiting.push(value);
      }
    }
  } catch (error) {
    if (names === null) throw error;
    // The others are heard before the object becomes null, since they can fail, too.
    return settle(answer, names, waiting).finally(() => {
      throw error;
    });
  }
  return names === null ? answer : settle(answer, names, waiting);
}

const NONE: never[] = [];
/** Stands in an answer that is not sent. */
const LEFT_OUT = Object.freeze(makeAnswer());

function settle(answer: Answer, names: readonly string[], waiting: PromiseLike<unknown>[]): Promise<Answer> {
  return Promise.all(waiting).then((values) => {
    for (let n = 0; n < names.length; n += 1) answer[names[n] as string] = values[n];
    return answer;
  });
}

/** What stands in its row; a function there is a resolver. */
function readProperty(run: Run, field: FieldPlan, row: Answer | null, source: unknown, path: Path | undefined) {
  let value: unknown;
  try {
    value = row === null ? undefined : row[field.definition.name];
    if (isPlain(value) && field.leaf !== null) return completePlain(run, field, field.leaf, value);
  } catch (cause) {
    return run.fail(field.nodes, field.nullable, cause, pathTo(field, path));
  }
  if (typeof value === 'function') return executeField(run, field, source, path);
  const place = pathTo(field, path);
  return completeField(run, field, value, place, field.completesWithInfo ? run.infoOf(field, place) : NO_INFO);
}

function executeField(run: Run, field: FieldPlan, source: unknown, parentPath: Path | undefined): unknown {
  if (!field.wantsInfo) return resolveField(run, field, source, parentPath);
  const path = pathTo(field, parentPath);
  const info = run.infoOf(field, path);
  let result: unknown;
  try {
    result = field.resolve(source, argumentsOf(run, field), run.context, info);
  } catch (cause) {
    return run.fail(field.nodes, field.nullable, cause, path);
  }
  return completeField(run, field, result, path, info);
}

/** Of a resolver that does not ask where it stands: that is written down where it is needed. */
function resolveField(run: Run, field: FieldPlan, source: unknown, parentPath: Path | undefined): unknown {
  let result: unknown;
  try {
    result = field.resolve(source, argumentsOf(run, field), run.context, NO_INFO);
    if (isPlain(result) && field.leaf !== null) return completePlain(run, field, field.leaf, result);
  } catch (cause) {
    return run.fail(field.nodes, field.nullable, cause, pathTo(field, parentPath));
  }
  const path = pathTo(field, parentPath);
  return completeField(run, field, result, path, field.completesWithInfo ? run.infoOf(field, path) : NO_INFO);
}

function completeField(run: Run, field: FieldPlan, result: unknown, path: Path, info: GraphQLResolveInfo): unknown {
  const { nodes, nullable, complete } = field;
  try {
    const completed = isPromise(result)
      ? result.then((resolved) => complete(run, info, path, resolved))
      : complete(run, info, path, result);
    if (!isPromise(completed)) return completed;
    return completed.then(undefined, (cause: unknown) => run.fail(nodes, nullable, cause, path));
  } catch (cause) {
    return run.fail(nodes, nullable, cause, path);
  }
}

/** Handed to whoever does not look at it. */
const NO_INFO = undefined as unknown as GraphQLResolveInfo;

function pathTo({ name, parent }: FieldPlan, prev: Path | undefined): Path {
  return { prev, key: name, typename: parent.name };
}

function argumentsOf(run: Run, field: FieldPlan) {
  return field.takesArguments ? run.argumentsOf(field) : NO_ARGUMENTS;
}

/** Neither a promise nor an error, nor what a resolver might be. */
function isPlain(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'function');
}

/** @throws Error when it is null and may not be. */
function completePlain(run: Run, { nullable, parent, definition }: FieldPlan, leaf: Leaf, value: unknown): unknown {
  if (value != null) {
    const sent = leaf(value);
    if (typeof sent === 'string') run.size += sent.length;
    return sent;
  }
  if (nullable) return null;
  throw new Error(`Cannot return null for non-nullable field ${parent.name}.${definition.name}.`);
}

export function isPromise(value: unknown): value is Promise<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as Promise<unknown>).then === 'function'
  );
}

function isObjectLike(value: unknown): value is Answer {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
