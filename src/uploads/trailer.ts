import type { PagedFile } from './paged-file.ts'

/** Fewer bytes than the record that ends an archive has. */
const strayBytes = 21

/**
 * Whether what stands behind an image was put there by a camera or phone: its notes (Samsung's end with `SEFT`
 * or `QDIOBS`), the film of a motion photo (ISO 14496-12), or a few stray bytes. It is told by its looks alone,
 * since none of it is kept: what else it may be goes with it.
 */
export async function isCameraTrailer(file: PagedFile, start: number): Promise<boolean> {
  if (file.size - start <= strayBytes) return true
  const film = (await file.read(start, 8)).toString('latin1', 4)
  const end = (await file.read(file.size - 6, 6)).toString('latin1')
  return film === 'ftyp' || end.endsWith('SEFT') || end === 'QDIOBS'
}
