import { describe, expect, it } from 'vitest'
import { judge, type Measured, type Plan } from './verdict.ts'

const plan: Plan = {
  metric: 'cpuUs',
  baseline: 'bare',
  controls: [{ cheaper: 'bare', dearer: 'guarded', metric: 'cpuUs' }],
  goals: [{ text: 'over bare', metric: 'cpuUs', of: 'guarded', over: 'bare', atMost: 25 }],
}

/** Four processes around a value, a given width apart. */
function kind(
  name: string,
  cpuUs: number,
  more: Partial<Measured> & { width?: number } = {},
): Measured {
  const { width = 1, ...rest } = more
  const processes = [0, 1 / 3, 2 / 3, 1].map((at) => [cpuUs + (at - 0.5) * width])
  return { kind: name, metrics: { cpuUs: processes }, ...rest }
}

const passing = { limit: { allowed: 100 }, token: { allowed: 100, refused: 1 } }

describe('a run that counts', () => {
  const judgement = judge(plan, [kind('bare', 40), kind('guarded', 60, { decisions: passing })])

  it('has no reason to be void', () => {
    expect(judgement.voids).toEqual([])
  })

  it('sets each kind against the first', () => {
    expect(judgement.kinds[0]?.overBaseline).toBeUndefined()
    expect(judgement.kinds[1]?.overBaseline).toMatchObject({ resolved: true })
    expect(judgement.kinds[1]?.overBaseline?.value).toBeCloseTo(20)
  })

  it('meets the goal that it meets', () => {
    expect(judgement.goals).toMatchObject([{ verdict: 'met', bound: 'at most 25' }])
  })
})

describe('a run is void', () => {
  const voidsOf = (...measured: Measured[]) => judge(plan, measured).voids

  it('when a kind that must be cheaper comes out dearer', () => {
    expect(voidsOf(kind('bare', 61), kind('guarded', 60))).toEqual([
      'bare must be cheaper than guarded: cpuUs 61.0 > 60.0',
    ])
  })

  it('when a control let nothing pass', () => {
    const decisions = { ...passing, limit: { allowed: 0 } }
    expect(voidsOf(kind('bare', 40), kind('guarded', 60, { decisions }))).toEqual([
      'guarded: limit let nothing pass',
    ])
  })

  it('when a control that can refuse refused nothing', () => {
    const decisions = { ...passing, token: { allowed: 100, refused: 0 } }
    expect(voidsOf(kind('bare', 40), kind('guarded', 60, { decisions }))).toEqual([
      'guarded: token refused nothing',
    ])
  })

  it('when the count of decisions is no number', () => {
    const decisions = { ...passing, limit: { allowed: Number.NaN } }
    expect(voidsOf(kind('bare', 40), kind('guarded', 60, { decisions }))).toHaveLength(1)
  })

  it('when answers had another status than the kind has', () => {
    const faults = ['90 of 100 answers were refusals']
    expect(voidsOf(kind('bare', 40), kind('guarded', 60, { faults }))).toEqual([
      'guarded: 90 of 100 answers were refusals',
    ])
  })
})

describe('a goal', () => {
  const verdictOf = (guarded: Measured) =>
    judge(plan, [kind('bare', 40), guarded]).goals[0]?.verdict

  it('is missed when the figure is beyond it', () => {
    expect(verdictOf(kind('guarded', 90))).toBe('missed')
  })

  it('is unresolved when the figure is nearer to it than the spread', () => {
    expect(verdictOf(kind('guarded', 70, { width: 20 }))).toBe('unresolved')
    expect(verdictOf(kind('guarded', 60, { width: 20 }))).toBe('unresolved')
  })

  it('of at least so many times is met by more', () => {
    const times = { text: 'times', metric: 'cpuUs', of: 'guarded', to: 'bare', atLeast: 4 }
    const judged = judge({ ...plan, goals: [times] }, [kind('bare', 10), kind('guarded', 60)])
    expect(judged.goals).toMatchObject([{ verdict: 'met', bound: 'at least 4' }])
  })

  it('of a kind that was not measured is a mistake of the bench', () => {
    expect(() => judge(plan, [kind('bare', 40)])).toThrow('nothing was measured: cpuUs of guarded')
  })
})
