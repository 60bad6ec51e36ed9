let loaded: ReadonlySet<string> | undefined;

/**
 * The passwords that most people choose, in small letters: the list of zxcvbn-ts, about 49,000 from published breaches.
 * Unpacking it takes some 60 ms, so nobody pays for it until a password is set, and then once.
 */
export function commonPasswords(): ReadonlySet<string> {
  loaded ??= new Set(bundled().dictionary['passwords-common']);
  return loaded;
}

function bundled(): typeof import('@zxcvbn-ts/language-common') {
  return require('@zxcvbn-ts/language-common');
}
