import { type Inspection, type InspectionBounds, type ReadableFile, unsafe } from './inspection.ts'

const headLength = 1_024
/** As far back as the end of a ZIP can stand: its record and the longest comment. */
const tailLength = 66_000

/**
 * A PDF: begins with its header and ends with its end-of-file mark, so that it is nothing else besides. What
 * a reader runs in it (scripts, attachments) is not judged: give it out as an attachment.
 */
export async function inspectPdf(
  file: ReadableFile,
  _bounds: InspectionBounds,
): Promise<Inspection> {
  const head = (await file.read(0, headLength)).toString('latin1')
  const tail = (await file.read(Math.max(0, file.size - tailLength), tailLength)).toString('latin1')
  if (!/^%PDF-[12]\.\d[\r\n \t%]/.test(head)) return unsafe('header')
  if (!/%%EOF[\r\n\t \0]{0,64}$/.test(tail.slice(-100))) return unsafe('end')
  if (!/startxref\s+\d+\s/.test(tail.slice(-2_048))) return unsafe('no cross-reference')
  if (tail.includes('PK\x05\x06')) return unsafe('an archive as well')
  if (/<(?:script|html|!doctype|svg|\?php)/i.test(head)) return unsafe('markup')
  return tail.includes('/Encrypt ') ? { ok: true, encrypted: true } : { ok: true }
}
