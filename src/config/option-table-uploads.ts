import { duration, list, oneOf, port, size, text, whole } from './fields.ts'
import { group } from './option-parts.ts'
import type { UploadOptions } from './options-uploads.ts'

const usual = ['pdf', 'png', 'jpg', 'doc', 'docx']
const types = [...usual, 'gif', 'webp']

export const uploads = group<UploadOptions>({
  directory: text({ max: 1_000, fallback: '.holdfast/uploads' }),
  store: port(['keep', 'open', 'remove'], 'an upload store'),
  types: list(oneOf(types), { fallback: usual }),
  maxBytes: { ...size({ min: '1kb', max: '1000mb', fallback: '10mb' }), suffix: '' },
  maxPixels: whole({ min: 1, max: 1_000_000_000, fallback: 50_000_000 }),
  maxUnpacked: size({ min: '1mb', max: '1000mb', fallback: '100mb' }),
  timeout: duration({ min: '1s', max: '1h', fallback: '5m' }),
})
