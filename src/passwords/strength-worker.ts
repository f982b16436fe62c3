import { parentPort } from 'node:worker_threads'
import { createJudge } from './strength.ts'
import type { StrengthTask } from './strength-thread.ts'

// The entry of the worker thread: one task in, one Strength out.
const judge = createJudge()
parentPort?.on('message', ({ password, words }: StrengthTask) => {
  parentPort?.postMessage(judge(password, words))
})
