import type { Plain } from '../conditions/index.ts'

/** A value that becomes a parameter; the same object twice is the same parameter where an engine can say so. */
export interface ValuePiece {
  readonly value: Plain
}

/** A name that is quoted by the engine, part by part. */
export interface NamePiece {
  readonly name: readonly string[]
}

/** A statement in parts: SQL of ours, names, and values that never become text. */
export type Piece = string | NamePiece | ValuePiece

/** `one, two, three`. */
export function listed(pieces: readonly Piece[], between = ', '): readonly Piece[] {
  return pieces.flatMap((piece, at) => (at === 0 ? [piece] : [between, piece]))
}
