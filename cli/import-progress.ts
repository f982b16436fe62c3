import type { ImportProgress } from '../src/imports/index.ts'
import type { Terminal } from './terminal.ts'

const width = 28

/** Draws how far an import is, where somebody reads along; does nothing everywhere else. */
export function drawProgress(
  { draw }: Pick<Terminal, 'draw'>,
  totalBytes: number,
): (progress: ImportProgress) => void {
  if (!draw) return () => {}
  return ({ bytes, imported, known, refused }) => {
    const share = totalBytes === 0 ? 1 : Math.min(1, bytes / totalBytes)
    const filled = Math.round(share * width)
    const bar = '█'.repeat(filled) + '░'.repeat(width - filled)
    const percent = `${Math.floor(share * 100)}%`.padStart(4)
    const counts = [`${imported} imported`, ...part(known, 'before'), ...part(refused, 'refused')]
    draw(`${bar} ${percent}  ${counts.join(', ')}`)
  }
}

function part(count: number, word: string): string[] {
  return count === 0 ? [] : [`${count} ${word}`]
}
