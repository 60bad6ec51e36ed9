/** NIST SP 800-63B §5.1.1.2: at least 8 characters, and long phrases are welcome. */
const PASSWORD_MIN = 8;
const PASSWORD_MAX = 128;
/** In UTF-16 units as typed. Anything longer is nobody's password, and is not worth the work of normalizing it. */
const TYPED_MAX = 1_024;

/** Whose password it is to be. */
export interface PasswordOwner {
  readonly handle?: string | null;
  readonly email?: string | null;
}

/** One password typed on two keyboards is the same password (NIST SP 800-63B §5.1.1.2, Unicode TR 15). */
export function normalizePassword(typed: string): string {
  return typed.normalize('NFKC');
}

/** Whether a typed text can be a password at all; what cannot is compared with none. */
export function isTypable(typed: string): boolean {
  return typed.length <= TYPED_MAX;
}

/** What is wrong with a new password, as a sentence; null when it may be used. Characters are code points after NFKC. */
export function passwordProblem(typed: string, owner: PasswordOwner, common: ReadonlySet<string>): string | null {
  const password = isTypable(typed) ? normalizePassword(typed) : '';
  const length = [...password].length;
  if (length < PASSWORD_MIN || length > PASSWORD_MAX) return `Use ${PASSWORD_MIN} to ${PASSWORD_MAX} characters.`;
  const folded = password.toLowerCase();
  if (common.has(folded)) return 'This is one of the passwords that are tried first. Choose another one.';
  if (namesOf(owner).includes(folded)) {
    return 'This is what everybody would try: your own handle or e-mail address. Choose another one.';
  }
  return null;
}

function namesOf({ handle, email }: PasswordOwner): string[] {
  return [handle, email, email?.split('@')[0]].flatMap((name) => (name ? [normalizePassword(name).toLowerCase()] : []));
}
