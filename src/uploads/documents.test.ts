import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { deflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openReceiver } from '../../test/uploads/receiver.ts'
import { documentParts, docx, noise, zip } from '../../test/uploads/samples.ts'

let directory = ''
let receiver: ReturnType<typeof openReceiver>
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-documents-'))
  receiver = openReceiver(directory)
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const main = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'
const override = (part: string, type: string) =>
  `<Override PartName="${part}" ContentType="${type}"/>`
const ofTypes = (...rows: string[]) =>
  zip([
    { name: '[Content_Types].xml', data: `<Types>${rows.join('')}</Types>` },
    ...documentParts.slice(1),
  ])
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const elsewhere = 'http://a.test/?a&amp;b'
const relations = (row: string, name = 'word/_rels/document.xml.rels', encoding = '') =>
  docx([{ name, data: `<?xml version="1.0"${encoding}?>\n<Relationships>${row}</Relationships>` }])
const related = (type: string, mode = '', name?: string) =>
  relations(`<Relationship Id="r" Type="${type}" Target="${elsewhere}"${mode}/>`, name)
const targeted = (type: string, target: string, mode = '') =>
  relations(`<Relationship Id="r" Type="${office}/${type}" Target="${target}"${mode}/>`)
const external = ' TargetMode="External"'
const document = override('/word/document.xml', main)
const refused = { code: 'upload_unsafe' }
const extra = (id: number) => Buffer.from([id & 0xff, id >> 8, 2, 0, 1, 1])

describe('a Word document', () => {
  it.each<readonly [string, Buffer]>([
    ['a link', related(`${office}/hyperlink`, external)],
    ['a picture of its own', targeted('image', 'media/image 1.png')],
    ['a picture by its whole name', targeted('image', '/word/media/image1.png')],
    ['a link to a place in it', targeted('hyperlink', '#a:b')],
    [
      'a template of its own disk',
      targeted('attachedTemplate', 'file:///C:\\a\\b%20c.dotx', external),
    ],
    ['trash of Word', docx([{ name: '[trash]/0000.dat', data: 'x' }])],
    [
      'pictures and styles',
      ofTypes(
        document,
        '<Default Extension="png" ContentType="image/png"/>',
        override('/word/styles.xml', main.replace('document.main', 'styles')),
      ),
    ],
    [
      'a prefix',
      zip([
        {
          name: '[Content_Types].xml',
          data: `\ufeff<?xml version="1.0" encoding="UTF-8"?>\r\n<a:Types xmlns:a='x'>${document.replace('<', '<a:')}</a:Types>`,
        },
        ...documentParts.slice(1),
      ]),
    ],
    ['times in extra fields', docx([{ name: 'a.xml', data: 'x', extra: extra(0x5455) }])],
    [
      'sizes behind the data alone',
      docx([{ name: 'a.xml', data: 'x', local: (head) => head.fill(0, 14, 26) }], {
        descriptors: true,
      }),
    ],
    ...[
      'application/vnd.ms-office.classificationlabels+xml',
      'application/vnd.ms-office.intelligence2+xml',
      'application/vnd.ms-word.stylesWithEffects+xml',
      'application/vnd.ms-word.somethingOfNextYear+xml',
      'application/octet-stream',
      'image/svg+xml',
      'image/webp',
      'image/vnd.ms-photo',
    ].map((type) => [`a part of ${type}`, ofTypes(document, override('/x', type))] as const),
    ['lists in UTF-8', relations('', undefined, ` encoding='utf-8' standalone="yes"`)],
  ])('with %s is taken', async (_what, bytes) => {
    expect(await receiver.receive(bytes)).toMatchObject({ type: 'docx' })
  })

  it.each<readonly [string, Buffer]>([
    [
      'macros in other letters',
      ofTypes(
        override(
          '/word/document.xml',
          'application/vnd.ms-word.document.macro&#69;nabled.main+xml',
        ),
        override('/x', main),
      ),
    ],
    [
      'macros under another name',
      ofTypes(document, override('/word/p.bin', 'application/vnd.ms-office.vbaProject')),
    ],
    [
      'macros by reference',
      ofTypes(document, override('/word/p.bin', 'application/vnd.ms-office.vba&#x50;roject')),
    ],
    ['two kinds of main part', ofTypes(document, document)],
    [
      'an object',
      ofTypes(document, override('/o', 'application/vnd.openxmlformats-officedocument.oleObject')),
    ],
    ['a page', ofTypes(document, override('/p.html', 'text/html'))],
    ['a comment in the list', ofTypes('<!-- -->', document)],
    ['a DTD', ofTypes('<!DOCTYPE a>', document)],
    ['an unknown reference', ofTypes(document, override('/&a;', 'image/png'))],
    ['an attribute twice', ofTypes(document.replace('<Override', `<Override PartName="/x"`))],
    [
      'a list that is open',
      zip([{ name: '[Content_Types].xml', data: `<Types>${document}` }, ...documentParts.slice(1)]),
    ],
    ...['http://a.test/b', '//a.test/b', ' //a.test/b', '/&#9;/a.test/b', '\\\\a\\b', 'b:c'].map(
      (target) => [`a picture at ${target}`, targeted('image', target)] as const,
    ),
    ...['http://a.test/b', 'file:///\\a\\b', 'file://a/b', 'file:////a/b', 'file:///C://a/b'].map(
      (target) =>
        [`a template at ${target}`, targeted('attachedTemplate', target, external)] as const,
    ),
    ...['attachedTemplate', 'frame', 'subDocument', 'webextension'].map(
      (type) => [`a relation ${type} within`, targeted(type, 'a.xml')] as const,
    ),
    ...['UTF-7', 'utf-16', 'utf-8" a="'].map(
      (encoding) =>
        [`lists in ${encoding}`, relations('', undefined, ` encoding="${encoding}"`)] as const,
    ),
    [
      'relations in pieces',
      related(
        `${office}/attachedTemplate`,
        external,
        'word/_rels/settings.xml.rels/[0].last.piece',
      ),
    ],
    [
      'an add-in',
      ofTypes(document, override('/w.xml', 'application/vnd.ms-office.webextension+xml')),
    ],
    ['a template elsewhere', related(`${office}/attachedTemplate`, external)],
    ['a picture elsewhere', related(`${office}/image`, external)],
    ['a frame elsewhere', related(`${office}/frame`, ` TargetMode='&#69;xternal'`)],
    ['a link that is none', related('http://evil.test/hyperlink', external)],
    ['an unknown mode', related(`${office}/hyperlink`, ' TargetMode="external"')],
    [
      'macros by relation',
      related('http://schemas.microsoft.com/office/2006/relationships/vbaProject'),
    ],
    [
      'relations in other letters',
      related(`${office}/attachedTemplate`, external, 'word/_rels/settings.xml.RELS'),
    ],
    [
      'an object under another name',
      docx([{ name: 'word/p.png', data: Buffer.from('d0cf11e0a1b11ae1', 'hex') }]),
    ],
  ])('with %s is refused', async (_what, bytes) => {
    await expect(receiver.receive(bytes)).rejects.toMatchObject(refused)
  })

  it('of many pages is unpacked without a listener for each', async () => {
    const warnings: unknown[] = []
    const note = ({ name }: Error) => void warnings.push(name)
    process.on('warning', note)
    const part = { name: 'word/media/a.png', data: noise(1_500_000, 3) }
    expect(await receiver.receive(docx([part]))).toMatchObject({ type: 'docx' })
    await setImmediate()
    process.off('warning', note)
    expect(warnings).toEqual([])
  })

  it.each<readonly [string, Buffer]>([
    ['a word', Buffer.from('hidden')],
    ['many pages', noise(300_000, 5)],
  ])('with %s behind the packed data of a part is refused', async (_what, behind) => {
    const packed = Buffer.concat([deflateRawSync(Buffer.alloc(2_000, 7)), behind])
    const part = { name: 'word/media/a.png', data: packed, method: 0 }
    const bytes = docx([part])
    expect(await receiver.receive(bytes)).toMatchObject({ type: 'docx' })
    for (const [head, method, size] of [
      [bytes.indexOf(part.name) - 30, 8, 22],
      [bytes.lastIndexOf(part.name) - 46, 10, 24],
    ] as const) {
      bytes.writeUInt16LE(8, head + method)
      bytes.writeUInt32LE(2_000, head + size)
    }
    await expect(receiver.receive(bytes)).rejects.toMatchObject(refused)
  })

  it.each<readonly [string, Buffer]>([
    [
      'another packed size',
      docx([{ name: 'a.xml', data: 'x', local: (head) => head.writeUInt32LE(1, 18) }]),
    ],
    [
      'another unpacked size',
      docx([{ name: 'a.xml', data: 'x', local: (head) => head.writeUInt32LE(9, 22) }]),
    ],
    [
      'another sum',
      docx([{ name: 'a.xml', data: 'x', local: (head) => head.writeUInt32LE(9, 14) }]),
    ],
    [
      'another way to be read',
      docx([{ name: 'a.xml', data: 'x', local: (head) => head.writeUInt16LE(0x800, 6) }]),
    ],
    [
      'sizes that come later',
      docx([{ name: 'a.xml', data: 'x', local: (head) => head.fill(0, 14, 26) }]),
    ],
    ['a second name', docx([{ name: 'a.xml', data: 'x', extra: extra(0x7075) }])],
    ['sizes of 64 bits', docx([{ name: 'a.xml', data: 'x', extra: extra(0x0001) }])],
    [
      'an extra field that is cut',
      docx([{ name: 'a.xml', data: 'x', extra: extra(0x5455).subarray(0, 5) }]),
    ],
    [
      'room in an extra field',
      docx([
        {
          name: 'a.xml',
          data: 'x',
          extra: Buffer.concat([Buffer.from([1, 2, 0, 32]), Buffer.alloc(8_192)]),
        },
      ]),
    ],
  ])('whose parts have %s at their own place is refused', async (_what, bytes) => {
    await expect(receiver.receive(bytes)).rejects.toMatchObject(refused)
  })
})
