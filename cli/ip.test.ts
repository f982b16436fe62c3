import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openCommandLine } from '../test/command-line.ts'

const shell = openCommandLine()

describe('ip', { timeout: 60_000 }, () => {
  it('rules are made, listed, asked and removed', async () => {
    expect((await shell.type('ip list')).out).toBe('There is no rule.')
    const made = await shell.json('ip deny 198.51.100.9/24 --for 7d --reason scans')
    expect(made).toMatchObject({ action: 'deny', range: '198.51.100.0/24', reason: 'scans' })
    await shell.type('ip allow 2001:db8::/32 --scope admin')
    expect((await shell.type('ip list')).out).toMatch(/deny +198\.51\.100\.0\/24 +all +20/)
    expect(await shell.json('ip list --scope admin')).toMatchObject([{ range: '2001:db8::/32' }])
    const asked = await shell.type('ip check 198.51.100.7')
    expect([asked.code, asked.out]).toEqual([
      1,
      expect.stringMatching(/all +refused +denied by 198\.51\.100\.0\/24/),
    ])
    expect((await shell.type('ip check 2001:db8::7')).code).toBe(0)
    const removed = await shell.type(`ip remove ${(made as { id: string }).id} --reason over`)
    expect(removed.out).toBe('Removed: deny 198.51.100.0/24 in all.')
    const again = await shell.type(`ip remove ${(made as { id: string }).id}`)
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('no address rule')])
  })

  it('lists come from a file, all or none, and name the lines that are wrong', async () => {
    const write = (text: string) => writeFileSync(join(shell.cwd, 'list.txt'), text)
    write('; a list\r\n203.0.113.0/24 ; one\n\n203.0.113.9\n')
    expect((await shell.type('ip import list.txt')).out).toBe('2 new, 0 renewed.')
    expect((await shell.type('ip import list.txt --for 1d')).out).toBe('0 new, 2 renewed.')
    write('203.0.114.0/24\n1.2.3\n')
    const wrong = await shell.type('ip import list.txt')
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('Line 2 is neither')])
    expect((await shell.type('ip check 203.0.114.1')).out).toContain('no rule holds it')
    expect((await shell.type('ip import nowhere.txt')).err).toContain('could not be read')
  })

  it.each([
    ['ip deny', 'needs RANGE'],
    ['ip deny 10.0.0.1 --for soon', '--for is a length of time'],
    ['ip deny 10.0.0.1 --for 1d --until 2030-01-01T00:00:00Z', 'not both'],
    ['ip import list.txt --action drop', '--action is deny or allow'],
  ])('what is written wrongly is told: %s', async (line, problem) => {
    const { code, err } = await shell.type(line)
    expect([code, err]).toEqual([2, expect.stringContaining(problem)])
  })

  it('what is no address is told', async () => {
    expect((await shell.type('ip check 10.0.0')).err).toContain('no address')
    const wrong = await shell.type('ip deny 10.1')
    expect([wrong.code, wrong.err]).toEqual([
      2,
      expect.stringContaining('RANGE: 10.1 is no address and no range; write one such as 10.0.0.1'),
    ])
    const nowhere = await shell.type('ip deny 10.0.0.1 --scope some')
    expect([nowhere.code, nowhere.err]).toEqual([2, expect.stringContaining('--scope: ')])
    expect(wrong.err + nowhere.err).not.toContain('#/body')
  })

  it('a denial of the machine itself is made with a word about proxies', async () => {
    for (const range of ['127.0.0.1', '::1', '0.0.0.0/0']) {
      const made = await shell.type(`ip deny ${range}`)
      expect([made.code, made.err]).toEqual([0, expect.stringContaining('trustedProxies')])
    }
    expect((await shell.type('ip deny 198.51.100.7')).err).not.toContain('trustedProxies')
  })
})
