import { type UploadStore, Uploads } from '../uploads/index.ts'
import type { Ground } from './ground.ts'

/** Wires uploads; nothing is made on the disk before the first one. */
export function wireUploads({ config }: Ground): Uploads {
  const { body, clock, logger, random, uploads } = config
  const { directory, store, timeoutMs } = uploads
  return new Uploads({
    ...{ clock, directory, logger, random, timeoutMs },
    idleMs: body.timeoutMs,
    ...(store ? { store: store as UploadStore } : {}),
  })
}
