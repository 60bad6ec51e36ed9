/** The value of a cookie that a browser has sent (RFC 6265 §5.4); null when it sent none of this name. */
export function readCookie(cookies: string | undefined, name: string): string | null {
  const pairs = (cookies ?? '').split(';').map((each) => each.trim().split('='));
  return pairs.find(([each]) => each === name)?.[1] ?? null;
}
