import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { FakeSiteverify, json } from '../../test/fake-siteverify.ts'
import { optionsFromEnv, relaxations, resolveConfig } from '../config/index.ts'
import { jsonLogger } from '../ports/index.ts'
import { createTestSecurity } from '../testing/index.ts'

const secret = '0x4AAAAAAA-canary-of-the-captcha'
const env = {
  MASTER_ENCRYPTION_KEY: '7d1a0f4be2c95a63f8b1d0e47c2a9b56013fe8d47a6c5b2990e1f3d8a4c7b625',
  BASE_URL: 'https://shop.example',
  CAPTCHA_PROVIDER: 'turnstile',
  CAPTCHA_SITE_KEY: '0x4AAAAAAA-public',
  CAPTCHA_SECRET: secret,
}

it('the secret of the site stands in no configuration, log line or refusal', async () => {
  const lines: string[] = []
  const write = (line: string) => void lines.push(line)
  const logger = jsonLogger({ level: 'debug', now: Date.now, write })
  const fake = await FakeSiteverify.start()
  fake.reply = json({ success: false, 'error-codes': ['invalid-input-secret', secret] })
  const keys = { siteKey: 'public', secret, verifyUrl: fake.url }
  const { close, security } = await createTestSecurity({
    logger,
    captcha: { provider: 'turnstile', ...keys },
  })
  const { captcha } = security.parts.ground
  expect(await captcha?.verify('a-token', {})).toBe(false)
  fake.reply = (response) => void response.destroy()
  expect(await captcha?.verify('a-token', {})).toBe(false)
  const config = resolveConfig(optionsFromEnv(env).options)
  const shown = [config, security, captcha].map((one) => inspect(one, { depth: 20 }))
  await close()
  await fake.close()
  expect(lines.join()).toMatch(/refuses our keys.*cannot be asked/s)
  expect([...lines, ...shown, JSON.stringify(config)].join()).not.toContain(secret)
})

it('keys that are missing keep the service from starting, and the message names them', () => {
  const { CAPTCHA_SECRET: _, ...incomplete } = env
  expect(() => resolveConfig(optionsFromEnv(incomplete).options)).toThrow(/captcha\.secret/)
})

it('a provider that may be spared, and none at all, are told as relaxations', () => {
  const relaxed = (captcha: object) => {
    const { options } = optionsFromEnv(env)
    return relaxations(resolveConfig({ ...options, captcha }))
      .map(({ option }) => option)
      .filter((option) => option.startsWith('captcha'))
  }
  const keys = { provider: 'hcaptcha', siteKey: 'public', secret }
  expect(relaxed(keys)).toEqual([])
  expect(relaxed({ ...keys, whenUnavailable: 'allow' })).toEqual(['captcha.whenUnavailable'])
  expect(relaxed({ provider: 'none' })).toEqual(['captcha.provider'])
  expect(relaxed({ whenUnavailable: 'allow' })).toEqual([])
})
