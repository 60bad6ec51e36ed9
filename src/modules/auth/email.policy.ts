import { z } from 'zod';
import type { InputCheck } from '../../kernel/text';

/** RFC 5321 §4.5.3.1.3, less the angle brackets. */
export const EMAIL_MAX = 254;

/** Trims an address; what is wrong with it is collected into `check`. */
export function checkEmail(check: InputCheck, typed: string): string {
  const email = typed.trim();
  if (email.length > EMAIL_MAX || !z.email().safeParse(email).success) {
    check.add(['input', 'email'], 'This is not an e-mail address.');
  }
  return email;
}
