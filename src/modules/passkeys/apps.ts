/** An Android app by its package and the SHA-256 of its signing certificate, as `keytool -list` prints it. */
export interface AndroidApp {
  readonly packageName: string;
  /** Upper-case hexadecimal, with colons. */
  readonly fingerprint: string;
}

/** The origin that Android gives the app in what its passkeys sign. */
export function originOfAndroidApp({ fingerprint }: AndroidApp): string {
  return `android:apk-key-hash:${Buffer.from(fingerprint.replaceAll(':', ''), 'hex').toString('base64url')}`;
}
