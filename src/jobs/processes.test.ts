import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../test/services/fresh-database.ts'

const program = fileURLToPath(new URL('../../test/processes/job-node.ts', import.meta.url))

interface Node {
  readonly child: ChildProcess
  readonly lines: readonly string[]
  tell(line: string): void
  hear(line: string): Promise<void>
}

async function startNode(url: string, leaseMs: number): Promise<Node> {
  const child = spawn(process.execPath, [program, url, String(leaseMs)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  const hear = (line: string) =>
    expect.poll(() => lines, { timeout: 20_000, interval: 5 }).toContain(line)
  await hear('ready')
  return { child, lines, hear, tell: (line) => void child.stdin?.write(`${line}\n`) }
}

describe('jobs of two processes on one file', () => {
  let fresh: FreshDatabase
  beforeAll(async () => {
    fresh = await freshDatabase('sqlite')
  })
  afterAll(() => fresh.drop())

  it('run once, whoever is faster', async () => {
    const nodes = await Promise.all([startNode(fresh.url, 60_000), startNode(fresh.url, 60_000)])
    for (let n = 1; n <= 50; n++) for (const node of nodes) node.tell(`due job.${n}`)
    for (let n = 1; n <= 50; n++) await Promise.all(nodes.map((node) => node.hear(`done job.${n}`)))
    const runs = nodes.flatMap((node) => node.lines.filter((line) => line.startsWith('ran')))
    expect(runs.sort()).toEqual(Array.from({ length: 50 }, (_, n) => `ran job.${n + 1}`).sort())
  })

  it('go on in the other process after a kill -9', async () => {
    const [victim, survivor] = await Promise.all([
      startNode(fresh.url, 3_000),
      startNode(fresh.url, 3_000),
    ])
    victim.tell('hang job.killed')
    await victim.hear('ran job.killed')
    survivor.tell('due job.killed')
    await survivor.hear('done job.killed')
    expect(survivor.lines).not.toContain('ran job.killed')
    victim.child.kill('SIGKILL')
    survivor.tell('start job.killed')
    await survivor.hear('ran job.killed')
  })
})
