import { describe, expect, it } from 'vitest'
import { type Result, render } from './report.ts'
import { judge, type Measured } from './verdict.ts'

const machine = {
  cpu: 'A Processor',
  cores: 2,
  memoryGiB: 24,
  system: 'Linux 6',
  node: 'v24.0.0',
  commit: 'abc1234',
  versions: { express: '5.3.0' },
  load: 0.1,
}

function resultOf(...measured: Measured[]): Result {
  const controls = [{ cheaper: 'bare', dearer: 'guarded', metric: 'cpuUs' }]
  return {
    name: 'guard',
    title: 'a guarded GET',
    depth: { processes: 4, rounds: 5, seconds: 1 },
    machine,
    finishedAt: '2026-01-01T00:00:00.000Z',
    seconds: 1,
    columns: [{ metric: 'cpuUs', title: 'CPU us', digits: 1 }],
    judgement: judge({ metric: 'cpuUs', baseline: 'bare', controls, goals: [] }, measured),
  }
}

const bare = { kind: 'bare', metrics: { cpuUs: [[40], [42]] } }

describe('a report', () => {
  const decisions = { limit: { allowed: 7 }, token: { allowed: 7, refused: 1 } }
  const guarded = { kind: 'guarded', metrics: { cpuUs: [[60], [64]] }, decisions }
  const text = render(resultOf(bare, guarded))

  it('says machine, Node.js, commit and versions of rivals', () => {
    for (const part of [
      'A Processor',
      '2 cores',
      'v24.0.0',
      'abc1234',
      'express 5.3.0',
      'load 0.1',
    ]) {
      expect(text).toContain(part)
    }
  })

  it('shows the spread and every process beside the figure', () => {
    expect(text).toMatch(/guarded +62\.0 ±4\.0 +21\.0 +60\.0 64\.0/)
  })

  it('lists the decisions of each control', () => {
    expect(text).toContain('guarded: limit 7, token 7/1')
  })

  it('says of a difference within the spread that it is unresolved', () => {
    const near = { kind: 'guarded', metrics: { cpuUs: [[39], [45]] } }
    expect(render(resultOf(bare, near))).toContain('1.0 (unresolved)')
  })

  it('leaves no doubt that a void run says nothing', () => {
    const cheaper = { kind: 'guarded', metrics: { cpuUs: [[10], [11]] } }
    expect(render(resultOf(bare, cheaper))).toContain('VOID, the run says nothing:')
    expect(text).toContain('The run counts.')
  })
})
