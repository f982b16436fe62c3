import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { testWorkspace } from '../services/context.ts'
import { applyPatch, findPatchFault, readPatches } from './patch.ts'
import { findBaselineFault, findProofFault, readVerdict } from './verdict.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const committed = readPatches(fileURLToPath(new URL('.', import.meta.url)))

describe('a committed patch', () => {
  it.each(committed)('$name still applies and names its tests', async (patch) => {
    expect(await findPatchFault(patch, root)).toBeUndefined()
    expect(patch.changes.length).toBeGreaterThan(0)
  })

  it('stands there once for each name', () => {
    const names = committed.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('a patch', () => {
  const good = [
    'Rule: 1 Nothing is guarded.',
    'Tests: src/a.test.ts',
    '',
    '--- a/src/a.ts',
    '+++ b/src/a.ts',
    '@@ -1 +1 @@',
    '-guard()',
    '+pass()',
    '',
  ].join('\n')

  function lay(name: string, text: string) {
    const directory = mkdtempSync(join(testWorkspace(), 'patch-'))
    writeFileSync(join(directory, name), text)
    return directory
  }

  function layTree(code: string): string {
    const directory = mkdtempSync(join(testWorkspace(), 'tree-'))
    mkdirSync(join(directory, 'src'))
    writeFileSync(join(directory, 'src/a.ts'), code)
    writeFileSync(join(directory, 'src/a.test.ts'), '')
    return directory
  }

  it('is read with its rule, its tests and what it changes', () => {
    expect(readPatches(lay('01-guard.patch', good))).toMatchObject([
      {
        name: '01-guard',
        rule: '1 Nothing is guarded.',
        tests: ['src/a.test.ts'],
        changes: ['src/a.ts'],
      },
    ])
  })

  it.each([
    ['guard.patch', good, /NN-/],
    ['01-guard.patch', good.replace('Rule:', 'Role:'), /"Rule/],
    ['01-guard.patch', good.replace('Rule: 1', 'Rule:'), /"Rule/],
    ['01-guard.patch', good.replace('Tests:', 'Test:'), /"Tests/],
  ])('without name, rule or tests is refused: %s %j', (name, text, why) => {
    expect(() => readPatches(lay(name, text))).toThrow(why)
  })

  it('changes the tree it is applied to', async () => {
    const [patch] = readPatches(lay('01-guard.patch', good))
    const directory = layTree('guard()\n')
    expect(patch && (await applyPatch(patch, directory))).toBeUndefined()
    expect(readFileSync(join(directory, 'src/a.ts'), 'utf8')).toBe('pass()\n')
  })

  it.each([
    ['that the code has moved away from', good, 'other()\n', /does not apply/],
    ['whose tests are gone', good.replace('a.test', 'b.test'), 'guard()\n', /no src\/b\.test\.ts/],
    ['that changes a test', good.replaceAll('src/a.ts', 'src/a.test.ts'), '', /is no protection/],
  ])('%s is a failure', async (_title, text, code, why) => {
    const [patch] = readPatches(lay('01-guard.patch', text))
    expect(patch && (await findPatchFault(patch, layTree(code)))).toMatch(why)
  })
})

describe('a removed protection', () => {
  const test = (status: string) => ({ status, fullName: ` a rule ${status}` })
  const file = (status: string, ...states: string[]) => ({
    name: 'a.test.ts',
    message: 'SyntaxError: no\n at x',
    status,
    assertionResults: states.map(test),
  })
  const verdict = (...testResults: ReturnType<typeof file>[]) => readVerdict({ testResults })

  it('is noticed when a test goes red', () => {
    const red = verdict(file('failed', 'passed', 'failed'))
    expect(red.red).toEqual(['a rule failed'])
    expect(findProofFault(red)).toBeUndefined()
  })

  it.each([
    ['all tests stay green', verdict(file('passed', 'passed')), /stayed green/],
    ['the file does not even load', verdict(file('failed')), /nothing ran: .*SyntaxError: no$/],
    ['tests were skipped', verdict(file('passed', 'skipped')), /stayed green/],
    ['the run never ends', undefined, /did not come to an end/],
  ])('is not noticed when %s', (_title, outcome, why) => {
    expect(findProofFault(outcome)).toMatch(why)
  })

  it.each([
    ['a test is red', verdict(file('failed', 'failed')), /red without the patch: a rule failed/],
    ['a file does not load', verdict(file('failed')), /red without the patch: a\.test\.ts/],
    ['nothing ran', verdict(file('passed', 'skipped')), /no test ran/],
    ['the run never ends', undefined, /do not come to an end/],
  ])('proves nothing when before it %s', (_title, outcome, why) => {
    expect(findBaselineFault(outcome)).toMatch(why)
  })

  it('is judged from a green start', () => {
    expect(findBaselineFault(verdict(file('passed', 'passed')))).toBeUndefined()
  })
})
