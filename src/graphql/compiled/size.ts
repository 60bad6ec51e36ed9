import { type ExecutionResult, GraphQLError } from 'graphql';
import { ResponseTooLarge, rootCause } from '../errors';

/** Two quotation marks, a colon and the shortest value: what a name takes in an answer beside itself. */
export const FRAME_OF_A_VALUE = 4;

/** Stands for an answer that is larger than it may be. */
export function refuseTooLarge(): ExecutionResult {
  const originalError = new ResponseTooLarge();
  return { errors: [new GraphQLError(originalError.message, { originalError })] };
}

export function isTooLarge({ errors }: ExecutionResult): boolean {
  return errors?.length === 1 && rootCause(errors[0]) instanceof ResponseTooLarge;
}

/** Whether a value takes more characters than `max` in names and texts. Looks no further than it has to. */
export function exceeds(value: unknown, max: number): boolean {
  let left = max;
  const take = (each: unknown): boolean => {
    if (typeof each === 'string') left -= each.length;
    else if (Array.isArray(each)) return each.every(take);
    else if (typeof each === 'object' && each !== null) {
      for (const name in each) {
        left -= name.length + FRAME_OF_A_VALUE;
        if (left < 0 || !take((each as Record<string, unknown>)[name])) return false;
      }
    }
    return left >= 0;
  };
  return !take(value);
}
