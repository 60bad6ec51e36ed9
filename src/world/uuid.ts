import type { Rng } from './rng';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * A UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, version 7, variant 10, and 74 bits taken from `rng`.
 * @param timestamp epoch ms, a whole number
 */
export function uuidAt(timestamp: number, rng: Rng): string {
  const high = Math.floor(timestamp / 0x10000);
  const low = timestamp % 0x10000;
  const x = rng.uint32();
  const y = rng.uint32();
  const z = rng.uint32();
  return (
    `${byte(high >>> 24)}${byte(high >>> 16)}${byte(high >>> 8)}${byte(high)}-${byte(low >>> 8)}${byte(low)}-` +
    `${byte(0x70 | ((x >>> 24) & 0x0f))}${byte(x >>> 16)}-${byte(0x80 | ((x >>> 8) & 0x3f))}${byte(x)}-` +
    `${byte(y >>> 24)}${byte(y >>> 16)}${byte(y >>> 8)}${byte(y)}${byte(z >>> 24)}${byte(z >>> 16)}`
  );
}

function byte(value: number): string {
  return HEX[value & 0xff] as string;
}
