import type { Duration } from './duration.ts'
import type { Size } from './size.ts'

/** Uploaded files. */
export interface UploadOptions {
  /** Where accepted files are kept and others wait to be looked through. Nothing may serve it. */
  readonly directory?: string
  /** Another place to keep accepted files, such as an object store. */
  readonly store?: UploadStorePort
  /** Types taken where a route does not say, told by content and never by name. Default: all but gif and webp. */
  readonly types?: readonly ('pdf' | 'png' | 'jpg' | 'doc' | 'docx' | 'gif' | 'webp')[]
  /** Bytes of one file where a route does not say. */
  readonly maxBytes?: Size
  /** Pixels of an image, width times height. */
  readonly maxPixels?: number
  /** Bytes of a document once everything in it is unpacked. */
  readonly maxUnpacked?: Size
  /** Time for a whole form to arrive. A sender may be silent for `body.timeout`. */
  readonly timeout?: Duration
}

/** The part of an upload store that tells it from other things. */
export interface UploadStorePort {
  keep(...parameters: never[]): Promise<void>
  open(...parameters: never[]): Promise<unknown>
  remove(...parameters: never[]): Promise<void>
}
