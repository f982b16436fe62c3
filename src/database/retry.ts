import type { Random } from '../ports/index.ts'
import { pause } from './deadline.ts'

/** Waits a random time up to `maxMs`, so that those who collided once do not collide again. */
export async function jitter(maxMs: number, random: Random): Promise<void> {
  const [high = 0, low = 0] = random.bytes(2)
  await pause(1 + ((high * 256 + low) / 65_536) * (maxMs - 1))
}
