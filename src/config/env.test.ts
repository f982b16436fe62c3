import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  type Environment,
  envSections,
  optionsFromEnv,
  resolveConfig,
  variableFor,
} from './index.ts'

const MASTER_ENCRYPTION_KEY = randomBytes(32).toString('base64url')
const base = { MASTER_ENCRYPTION_KEY, BASE_URL: 'https://app.example.com' }
const variables = envSections.flatMap(({ variables }) => variables)

const configOf = (env: Environment) => resolveConfig(optionsFromEnv({ ...base, ...env }).options)

function refusal(env: Environment): string {
  try {
    optionsFromEnv(env)
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

it('every variable with an option reaches it', () => {
  const config = configOf({
    APP_NAME: 'Shop',
    HOLDFAST_PROFILE: 'strict',
    TRUSTED_PROXIES: '10.0.0.0/8, ::1',
    LOG_LEVEL: 'warn',
    DATABASE_URL: 'postgres://me:pw1@db/shop',
    SMTP_URL: 'smtps://me:pw2@mail.example.com',
    MAIL_FROM: 'Shop <shop@example.com>',
    SESSION_TIMEOUT: '20m',
    PASSWORD_BREACHES: 'hibp',
    API_RATE_LIMIT: '7',
    API_RATE_WINDOW: '1m',
    CORS_ORIGIN: 'https://a.example, https://b.example',
    CORS_CREDENTIALS: 'true',
    HSTS_MAX_AGE: '600',
    CAPTCHA_PROVIDER: 'hcaptcha',
    CAPTCHA_SITE_KEY: '10000000-ffff-ffff-ffff-000000000001',
    CAPTCHA_SECRET: '0x0000000000000000000000000000000000000000',
  })
  expect(config).toMatchObject({
    appName: 'Shop',
    baseUrl: 'https://app.example.com',
    profile: 'strict',
    trustedProxies: ['10.0.0.0/8', '::1'],
    logLevel: 'warn',
    sessions: { cookie: { idleMs: 1_200_000 }, session: { idleMs: 1_200_000 } },
    password: { breaches: { source: 'hibp', timeoutMs: 2_000 } },
    limits: { general: { points: 7, windowMs: 60_000 } },
    cors: { origins: ['https://a.example', 'https://b.example'], credentials: true },
    headers: { hsts: { maxAgeMs: 600_000 } },
    mail: { from: 'Shop <shop@example.com>' },
    captcha: { provider: 'hcaptcha', siteKey: '10000000-ffff-ffff-ffff-000000000001' },
  })
  expect(config.captcha.secret?.reveal()).toMatch(/^0x0{40}$/)
  expect(config.database.url?.reveal()).toBe('postgres://me:pw1@db/shop')
  expect(config.masterKey.reveal()).toBe(MASTER_ENCRYPTION_KEY)
})

it('an empty environment sets nothing but the embedded database', () => {
  const { options, server, notices } = optionsFromEnv({})
  expect(options).toEqual({
    masterKey: undefined,
    database: { url: 'sqlite:.holdfast/holdfast.db' },
  })
  expect(server).toEqual({ port: 3000, dataDir: '.holdfast', production: false })
  expect(notices).toEqual([])
})

it('an empty value counts as not set', () => {
  expect(optionsFromEnv({ CORS_ORIGIN: '', PORT: ' ', JWT_SECRET: '' })).toEqual(optionsFromEnv({}))
})

describe('addresses in parts', () => {
  it('DB_HOST and its kin make a PostgreSQL address, whatever the password holds', () => {
    const env = { DB_HOST: 'db', DB_NAME: 'shop', DB_USER: 'me', DB_PASSWORD: "p@ss/w:rd?#%'" }
    const url = new URL(configOf(env).database.url?.reveal() ?? '')
    expect([url.protocol, url.host, url.pathname]).toEqual(['postgres:', 'db:5432', '/shop'])
    expect(decodeURIComponent(url.password)).toBe(env.DB_PASSWORD)
  })

  it.each([
    [{ SMTP_HOST: 'mail', SMTP_USER: 'me', SMTP_PASSWORD: 'p w' }, 'smtp://me:p%20w@mail:587'],
    [{ SMTP_HOST: 'mail', SMTP_PORT: '465' }, 'smtps://mail:465'],
    [{ SMTP_HOST: '::1', SMTP_PORT: '25' }, 'smtp://[::1]:25'],
  ])('%j becomes %s', (env, url) => {
    expect(configOf(env).mail.smtpUrl?.reveal()).toBe(url)
  })

  it.each([
    [{ DB_HOST: 'db' }, 'DB_NAME is missing'],
    [{ DB_PASSWORD: 'x' }, 'DB_HOST is missing'],
    [{ DATABASE_URL: 'sqlite:a.db', DB_HOST: 'db' }, 'DB_HOST contradicts DATABASE_URL'],
    [{ SMTP_URL: 'smtp://mail', SMTP_PORT: '25' }, 'SMTP_PORT contradicts SMTP_URL'],
    [{ SMTP_HOST: 'mail/x' }, 'SMTP_HOST must be a host name'],
    [{ SMTP_HOST: 'me@mail' }, 'SMTP_HOST must be a host name'],
    [{ SMTP_HOST: 'mail', SMTP_PORT: '70000' }, 'SMTP_PORT must be'],
  ])('%j is refused', (env, message) => {
    expect(refusal(env)).toContain(message)
  })
})

describe('bad values', () => {
  it.each([
    [{ PORT: '80a' }, 'PORT must be'],
    [{ PORT: '65536' }, 'PORT must be'],
    [{ SESSION_TIMEOUT: '900000' }, "SESSION_TIMEOUT must be a duration such as '15m'"],
    [{ SESSION_TIMEOUT: '900000' }, "If milliseconds were meant write '15m'"],
    [{ API_RATE_LIMIT: 'many' }, 'API_RATE_LIMIT must be a whole number'],
    [{ CORS_CREDENTIALS: 'yes' }, 'CORS_CREDENTIALS must be true or false'],
    [{ CORS_ORIGIN: '*' }, 'CORS_ORIGIN[0] must be one exact origin'],
    [{ BASE_URL: 'http://shop.example.com' }, 'BASE_URL must use HTTPS'],
    [{ LOG_LEVEL: 'verbose' }, 'LOG_LEVEL must be one of'],
    [{ HOLDFAST_PROFILE: 'srict' }, 'Did you mean "strict"?'],
    [{ HSTS_MAX_AGE: '1y' }, 'HSTS_MAX_AGE must be a duration'],
    [{ MASTER_ENCRYPTION_KEY: 'hunter2' }, 'MASTER_ENCRYPTION_KEY is too short'],
  ])('%j is refused with the name of the variable', (env, message) => {
    expect(refusal(env)).toContain(message)
    expect(refusal(env)).not.toContain('hunter2')
  })

  it('all are listed at once, each once', () => {
    const message = refusal({ PORT: 'x', SESSION_TIMEOUT: 'y', LOG_LEVEL: 'z' })
    expect(message).toContain('3 mistakes')
  })
})

describe('notices', () => {
  const noticesOf = (env: Environment) => optionsFromEnv(env).notices

  it.each(
    variables.filter(({ comesWith, retired }) => comesWith ?? retired).map(({ name }) => name),
  )('%s is never ignored in silence', (name) => {
    const [notice] = noticesOf({ [name]: 'x-y-z' })
    expect(notice).toMatchObject({ variable: name })
    expect(notice?.message).toMatch(/no longer used, because|not used yet. It comes with/)
    expect(notice?.message).not.toContain('x-y-z')
  })

  it('what an app reads for itself is no reason for one', () => {
    expect(noticesOf({ SHOPIFY_WEBHOOK_SECRET: 'x-y-z' })).toEqual([])
  })

  it.each([
    ['DATABSE_URL', 'DATABASE_URL'],
    ['DATABASE_URI', 'DATABASE_URL'],
    ['MASTER_ENCRYPTION_KYE', 'MASTER_ENCRYPTION_KEY'],
    ['MASTER_KEY', 'MASTER_ENCRYPTION_KEY'],
    ['BASE_ULR', 'BASE_URL'],
    ['BASEURL', 'BASE_URL'],
    ['base_url', 'BASE_URL'],
    ['SMPT_USER', 'SMTP_USER'],
    ['SMTP_PASWORD', 'SMTP_PASSWORD'],
    ['TRUST_PROXY', 'TRUSTED_PROXIES'],
    ['TRUSTED_PROXY', 'TRUSTED_PROXIES'],
    ['TRUSTED_PROXYS', 'TRUSTED_PROXIES'],
    ['DB_URL', 'DATABASE_URL'],
    ['CORS_ORIGINS', 'CORS_ORIGIN'],
    ['HOLDFAST_PROFIEL', 'HOLDFAST_PROFILE'],
  ])('%s is answered with %s', (variable, meant) => {
    const message = `is not known. Did you mean ${meant}?`
    expect(noticesOf({ [variable]: 'x' })).toEqual([{ variable, message }])
  })

  it('nothing is guessed where the variable that could be meant is set', () => {
    const env = { DATABASE_URL: 'sqlite:a.db', DATABASE_URI: 'mongodb://other' }
    expect(noticesOf(env)).toEqual([])
  })

  it('variables of other programs are left alone', () => {
    const foreign =
      'APP_HOME APP_ENV CI COLORTERM DATABASE_URL_2 DB_FLAVOUR_OF_THE_APP DB_POOL DB_SSL DEBUG DISPLAY EDITOR GITHUB_TOKEN GPG_AGENT_INFO HOME HOSTNAME HOSTTYPE HOSTS INIT_CWD JAVA_HOME LANG LC_ALL LESS LOGNAME LS_COLORS MAIL MAILTO MANPATH NODE NODE_PATH NODE_OPTIONS NVM_DIR OLDPWD PATH PGHOST PGPASSWORD PGPORT PGUSER PORTS POST PWD REDIS_DB SECRET SESSION_MANAGER SHELL SHLVL SSH_AUTH_SOCK SSH_CONNECTION SSL_CERT_DIR SSL_CERT_FILE SUDO_USER TERM TERM_PROGRAM TEST_DATABASE_URL TMPDIR TZ USER USERNAME VIRTUAL_ENV VITEST WSLENV XDG_RUNTIME_DIR XDG_SESSION_ID _ npm_config_base_url npm_config_cache npm_config_prefix npm_execpath npm_lifecycle_event npm_package_name'
    expect(noticesOf(Object.fromEntries(foreign.split(' ').map((name) => [name, 'x'])))).toEqual([])
  })
})

describe('the table', () => {
  it('names each variable once, gives no value for a secret, and points at options that exist', () => {
    expect(new Set(variables.map(({ name }) => name)).size).toBe(variables.length)
    expect(variables.filter(({ secret, example }) => secret && example)).toEqual([])
    for (const { name, option, example } of variables) {
      if (option === undefined || example === undefined) continue
      expect(refusal({ [name]: example })).toBe('')
      expect(variableFor(option.split(' ')[0] ?? '')).toBe(name)
    }
  })

  it('an untouched .env.example holds no secret and starts nothing in production', () => {
    const text = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8')
    const env = Object.fromEntries(
      [...text.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
    )
    expect(Object.keys(env)).toContain('MASTER_ENCRYPTION_KEY')
    expect(() => resolveConfig(optionsFromEnv(env).options)).toThrow('masterKey is missing')
    for (const { name } of variables) expect(text).toContain(`${name}=`)
  })
})
