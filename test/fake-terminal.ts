import type { Terminal } from '../cli/terminal.ts'

export interface FakeTerminal extends Terminal {
  readonly outputs: string[]
  readonly errors: string[]
}

/** A terminal that keeps what it is told; for tests of commands. */
export function fakeTerminal(given: Partial<Terminal> & { stdin?: string } = {}): FakeTerminal {
  const outputs: string[] = []
  const errors: string[] = []
  return {
    env: {},
    cwd: '.',
    interactive: false,
    outputs,
    errors,
    out: (line) => void outputs.push(line),
    err: (line) => void errors.push(line),
    input: async () => given.stdin ?? '',
    stopped: () => new Promise(() => {}),
    ...given,
  }
}
