import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { version } from '../../src/version.ts'
import { freePort } from '../free-port.ts'
import { testWorkspace } from '../services/context.ts'
import { packTarball, root, type Tarball } from './pack.ts'
import { installProject, type Project } from './project.ts'
import { walkQuickStart } from './quick-start.ts'
import { lockedPackages, type Registry, startRegistry } from './registry.ts'

// Each step installs, compiles or starts something.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 })

const folder = mkdtempSync(join(testWorkspace(), 'package-'))
const tsc = join(root, 'node_modules/typescript/bin/tsc')
const strict = {
  target: 'es2024',
  strict: true,
  declaration: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  types: ['node'],
  outDir: 'out',
}
let tarball: Tarball
let registry: Registry

const consumer = (name: string) =>
  readFileSync(join(import.meta.dirname, 'consumers', name), 'utf8')

beforeAll(async () => {
  registry = await startRegistry()
  tarball = await packTarball(folder)
})

afterAll(() => registry.close())

function install(name: string, packages: readonly string[] = []): Promise<Project> {
  return installProject({
    folder: join(folder, name),
    registry: registry.url,
    packages: [tarball.file, ...packages],
    manifest: { type: 'module' },
  })
}

function contents(): { path: string; text: string }[] {
  return tarball.paths.map((path) => {
    return { path, text: readFileSync(join(folder, 'checkout', path), 'utf8') }
  })
}

function compile(project: Project, file: string, options: Readonly<Record<string, unknown>>) {
  const config = { compilerOptions: { ...strict, ...options }, files: [file] }
  project.write('tsconfig.json', JSON.stringify(config))
  return project.run(process.execPath, [tsc, '-p', 'tsconfig.json'])
}

describe('the tarball', () => {
  it('holds the build, the documentation and nothing else', () => {
    const places = new Set(tarball.paths.map((path) => path.split('/').slice(0, -1).join('/')))
    const tops = new Set([...places].map((place) => place.split('/').slice(0, 2).join('/')))
    expect([...tops].filter((top) => !top.startsWith('docs')).sort()).toEqual([
      '',
      'dist/cli',
      'dist/server',
      'dist/src',
    ])
    expect(tarball.paths.filter((path) => !path.includes('/')).sort()).toEqual([
      '.env.example',
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'package.json',
    ])
    const built = tarball.paths.filter((path) => path.startsWith('dist/'))
    expect(built.length).toBeGreaterThan(100)
    expect(built.filter((path) => !/\.(js|d\.ts)$/.test(path))).toEqual([
      'dist/src/passwords/common-passwords.bin',
    ])
    process.stdout.write(
      `holdfast-${version}.tgz: ${Math.round(tarball.size / 1000)} kB, unpacked ${Math.round(tarball.unpackedSize / 1000)} kB, ${tarball.paths.length} files\n`,
    )
  })

  it('holds no test, test data, vector, or text of another licence', () => {
    expect(tarball.paths.filter((path) => /test\.|testdata|vectors|asvs/i.test(path))).toEqual([])
    const share = /CC[ -]BY|Attribution-ShareAlike|creativecommons/i
    expect(
      contents()
        .filter(({ text }) => share.test(text))
        .map(({ path }) => path),
    ).toEqual([])
  })

  it("holds no key, no token and nobody's machine", () => {
    const secret =
      /-----BEGIN [A-Z ]*PRIVATE KEY|\beyJ[\w-]{10,}\.[\w-]{10,}\.|\bAKIA[0-9A-Z]{16}\b|\bnpm_[A-Za-z0-9]{36}\b/
    const machine = /\/(?:work|root|home\/\w+|Users\/\w+)\//
    const found = contents().filter(({ text }) => secret.test(text) || machine.test(text))
    expect(found.map(({ path }) => path)).toEqual([])
  })

  it('runs no script when it is installed', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(Object.keys(scripts)).not.toContain('preinstall')
    expect(Object.keys(scripts)).not.toContain('install')
    expect(Object.keys(scripts)).not.toContain('postinstall')
  })

  it('has the version that the code tells', () => {
    expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version).toBe(version)
  })
})

describe('a project with nothing but Holdfast', () => {
  let project: Project
  beforeAll(async () => {
    project = await install('bare')
  })

  it('gets the packages of docs/dependencies.md, none with an install script', () => {
    const text = readFileSync(join(root, 'docs/dependencies.md'), 'utf8')
    const brought = text.slice(text.indexOf('brings'), text.indexOf('## Optional peers'))
    const names = project.installed().filter((name) => name !== 'holdfast')
    expect(names.length).toBeGreaterThan(4)
    const unnamed = names.filter((name) => !brought.includes(`\`${withoutPlatform(name)}\``))
    expect(unnamed).toEqual([])
    const locked = lockedPackages()
    const scripted = names.filter((name) => locked[`node_modules/${name}`]?.hasInstallScript)
    expect(scripted).toEqual([])
  })

  it('works, and learns which command installs what is missing', async () => {
    project.write('bare.mjs', consumer('bare.mjs'))
    const { code, stdout, stderr } = await project.run(process.execPath, ['bare.mjs'])
    expect({ code, stderr }).toMatchObject({ code: 0 })
    const refusals = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
    expect(refusals.pg).toContain('npm install pg')
    expect(refusals.mysql2).toContain('npm install mysql2')
    expect(refusals.ioredis).toContain('npm install ioredis')
    expect(refusals.nodemailer).toContain('npm install nodemailer')
  })

  it("loads holdfast/express, for Express is the app's to bring", async () => {
    const script = "import('holdfast/express').then((m) => m.createSecurity)"
    const { code } = await project.run(process.execPath, ['-e', script])
    expect(code).toBe(0)
  })
})

describe('a JavaScript project with Express', () => {
  let project: Project
  beforeAll(async () => {
    project = await install('javascript', ['express'])
  })

  it('follows the quick start of README.md', async () => {
    const seen = await walkQuickStart(project, { port: await freePort() })
    expect(seen).toEqual({
      home: [200, 'Hello'],
      registered: 202,
      signedOut: 401,
      withoutPermission: 403,
      noPolicy: 503,
      registerPage: 200,
      signInPage: 200,
      made: expect.stringMatching(
        /^Made you@example\.com .* super_admin in sqlite:\.\/shop\.db\.$/,
      ),
      administrator: 200,
    })
  })

  it('may be CommonJS', async () => {
    project.write('require.cjs', consumer('require.cjs'))
    const { code, stdout, stderr } = await project.run(process.execPath, ['require.cjs'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toEqual({ status: 401, version, listener: 'function' })
  })
})

describe('a strict TypeScript project', () => {
  let project: Project
  beforeAll(async () => {
    project = await install('typescript', ['express', '@types/express', '@types/node'])
    project.write('strict.ts', consumer('strict.ts'))
  })

  it.each([
    { module: 'nodenext', moduleResolution: 'nodenext' },
    { module: 'esnext', moduleResolution: 'bundler' },
  ])('compiles with declarations, libraries checked: $moduleResolution', async (options) => {
    expect(await compile(project, 'strict.ts', options)).toMatchObject({ code: 0, stdout: '' })
    expect(readFileSync(join(project.folder, 'out/strict.d.ts'), 'utf8')).not.toMatch(
      /: any\b|dist\//,
    )
  })

  it('runs', async () => {
    const { code, stdout, stderr } = await project.run(process.execPath, ['out/strict.js'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toEqual({
      home: 200,
      nobody: 401,
      somebody: 403,
      forgotten: 503,
      plain: 403,
    })
  })
})

describe('a TypeScript project without Express', () => {
  it('needs only the types of Node', async () => {
    const project = await install('main-only', ['@types/node'])
    project.write('main-only.ts', consumer('main-only.ts'))
    const options = { module: 'nodenext', moduleResolution: 'nodenext', lib: ['es2024'] }
    expect(await compile(project, 'main-only.ts', options)).toMatchObject({ code: 0, stdout: '' })
  })
})

/** `@node-rs/argon2-linux-x64-gnu` is the binary of `@node-rs/argon2`, which the page says once. */
function withoutPlatform(name: string): string {
  return /^@node-rs\/(?:argon2|bcrypt)(?=-)/.exec(name)?.[0] ?? name
}
