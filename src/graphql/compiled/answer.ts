/** Without properties of its own, so that a client can name a field of its answer as it likes: `__proto__`, too. */
const PROTOTYPE: object = Object.freeze(Object.create(null));

/**
 * Objects of an answer. What `Object.create(null)` makes is a hash table to V8, slow to fill, to walk and to write as
 * JSON; what a constructor makes is not.
 */
const Answer = function Answer() {} as unknown as new () => Record<string, unknown>;
Answer.prototype = PROTOTYPE;

export function makeAnswer(): Record<string, unknown> {
  return new Answer();
}

/** Whether a value is an object of an answer, and not what stands for a scalar. */
export function isAnswer(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === PROTOTYPE || prototype === null;
}
