import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SettingsService } from '@simplewebauthn/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import { Bench, baseUrl, browser, ownerOf, strictRules } from '../../test/passkeys/bench.ts'
import { certifiedPasskey } from '../../test/passkeys/certified.ts'
import { freshDatabase } from '../../test/services/fresh-database.ts'
import { isAcceptable, isAcceptableModel } from './attestation.ts'
import { siteAt } from './site.ts'

const models = ['ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4']
const site = (rules: Partial<typeof strictRules>) =>
  siteAt('https://shop.example.com', 'Shop', { ...strictRules, ...rules })
const direct = site({ attestation: 'direct' })
const limited = site({ attestation: 'direct', models })
const taken = ['none', 'packed', 'tpm', 'fido-u2f'] as const
const refused = ['apple', 'android-key', 'android-safetynet', 'compound', '', 7, undefined]

describe('an attestation', () => {
  it('that nobody asked for is none, or by the new key alone', () => {
    for (const format of [...taken, ...refused]) {
      expect(isAcceptable(site({}), { format, certified: true })).toBe(format === 'none')
      const plain = format === 'none' || format === 'packed'
      expect(isAcceptable(site({}), { format, certified: false })).toBe(plain)
    }
  })

  it('that was asked for is of a kind that is verified without asking anybody', () => {
    const formats = [...taken, ...refused]
    expect(formats.filter((format) => isAcceptable(direct, { format, certified: true }))).toEqual(
      taken,
    )
  })

  it('has a certificate where models are named', () => {
    for (const format of ['none', 'packed']) {
      expect(isAcceptable(limited, { format, certified: false })).toBe(false)
    }
    expect(isAcceptable(limited, { format: 'packed', certified: true })).toBe(true)
    expect(isAcceptableModel(limited, models[0] ?? '')).toBe(true)
    expect(isAcceptableModel(limited, '00000000-0000-0000-0000-000000000000')).toBe(false)
    expect(isAcceptableModel(direct, '00000000-0000-0000-0000-000000000000')).toBe(true)
  })
})

describe('a certificate that names a revocation list', () => {
  const asked: string[] = []
  let list: Server
  let bench: Bench
  let drop = async () => {}

  beforeAll(async () => {
    list = createServer((request, response) => {
      asked.push(request.url ?? '')
      response.end('nothing')
    })
    await new Promise<void>((resolve) => list.listen(0, '127.0.0.1', resolve))
    const fresh = await freshDatabase('sqlite')
    drop = fresh.drop
    const rules = { attestation: 'direct' } as const
    bench = await Bench.open({ url: fresh.url, clock: new ManualClock(), rules })
  })
  afterAll(async () => {
    await bench?.close()
    await drop()
    list.close()
  })

  it.each([
    { format: 'packed', ok: true },
    { format: 'fido-u2f', ok: true },
    { format: 'android-key', ok: false },
    { format: 'apple', ok: false },
  ])('of $format never makes the server fetch it', async ({ format, ok }) => {
    const owner = await bench.person(`01900000-0000-7000-8000-${format.padStart(12, '0')}`)
    const { port } = list.address() as AddressInfo
    for (const longForm of [false, true]) {
      const revocationList = `http://127.0.0.1:${port}/${format}`
      const { options } = await bench.passkeys.registration(ownerOf(owner), browser)
      const sent = certifiedPasskey(options, baseUrl, { format, revocationList, longForm })
      expect(await bench.verifyNew(owner.id, sent)).toMatchObject({ ok })
    }
    expect(asked.filter((path) => path.endsWith(format))).toEqual([])
  })

  it('is traced to no root that the library brings', () => {
    const roots = taken.map((identifier) => SettingsService.getRootCertificates({ identifier }))
    expect(roots).toEqual([[], [], [], []])
  })
})
