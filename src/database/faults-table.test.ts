import { describe, expect, it } from 'vitest'
import { type FaultKind, findUniqueViolation, toSecurityError } from './faults.ts'
import { classifyMysql } from './mysql-faults.ts'
import { classifyPostgres } from './postgres-faults.ts'

const fault = (facts: object, message = 'text') => Object.assign(new Error(message), facts)

describe('an error of pg', () => {
  it.each<[FaultKind, object, string?]>([
    ['unique', { code: '23505' }],
    ['reference', { code: '23503' }],
    ['refused', { code: '23502' }],
    ['refused', { code: '22001' }],
    ['refused', { code: '25P02' }],
    ['conflict', { code: '40001' }],
    ['conflict', { code: '40P01' }],
    ['locked', { code: '55P03' }],
    ['unavailable', { code: '57014' }],
    ['unavailable', { code: '25006' }],
    ['unavailable', { code: '53300' }],
    ['unavailable', { code: '28P01' }],
    ['unavailable', { code: 'ECONNREFUSED' }],
    ['lost', { code: '57P01' }],
    ['lost', { code: '08006' }],
    ['lost', { code: 'ECONNRESET' }],
    ['lost', {}, 'Connection terminated unexpectedly'],
    ['lost', {}, 'Client has encountered a connection error and is not queryable'],
    ['unavailable', {}, 'timeout exceeded when trying to connect'],
    ['unavailable', {}, 'Cannot use a pool after calling end on the pool'],
    ['refused', {}, 'anything else'],
  ])('is %s: %o %s', (kind, facts, message) => {
    expect(classifyPostgres(fault(facts, message))).toBe(kind)
  })
})

describe('an error of mysql2', () => {
  it.each<[FaultKind, object, string?]>([
    ['unique', { errno: 1062, code: 'ER_DUP_ENTRY' }],
    ['reference', { errno: 1452 }],
    ['refused', { errno: 4025, code: 'ER_INNODB_AUTOEXTEND_SIZE_OUT_OF_RANGE' }],
    ['refused', { errno: 1406 }],
    ['conflict', { errno: 1213 }],
    ['locked', { errno: 1205 }],
    ['unavailable', { errno: 1969 }],
    ['unavailable', { errno: 3024 }],
    ['unavailable', { errno: 1040 }],
    ['unavailable', { errno: -111, code: 'ECONNREFUSED' }],
    ['lost', { errno: 1927 }],
    ['lost', { code: 'PROTOCOL_CONNECTION_LOST' }],
    ['lost', {}, "Can't add new command when connection is in closed state"],
    ['unavailable', {}, 'Pool is closed.'],
    ['refused', {}, 'anything else'],
  ])('is %s: %o %s', (kind, facts, message) => {
    expect(classifyMysql(fault(facts, message))).toBe(kind)
  })
})

describe('a broken unique rule', () => {
  it.each([
    [
      'SQLite',
      {},
      'UNIQUE constraint failed: hf_a.realm, hf_a.email',
      { columns: ['realm', 'email'] },
    ],
    [
      'PostgreSQL',
      { constraint: 'hf_a_email', detail: 'Key (realm, email)=(x, y) already exists.' },
      'duplicate key value violates unique constraint "hf_a_email"',
      { index: 'hf_a_email', columns: ['realm', 'email'] },
    ],
    ['MariaDB', {}, "Duplicate entry 'x-y' for key 'hf_a_email'", { index: 'hf_a_email' }],
    ['MySQL 8', {}, "Duplicate entry 'x' for key 'hf_a.PRIMARY'", { index: 'PRIMARY' }],
    ['one that tells nothing', {}, 'duplicate', {}],
  ])('is named as far as %s tells', (_, facts, message, expected) => {
    const error = toSecurityError('unique', fault(facts, message))
    expect(findUniqueViolation(error)).toEqual(expected)
  })

  it('is nothing else', () => {
    expect(findUniqueViolation(toSecurityError('refused', fault({})))).toBeUndefined()
    expect(findUniqueViolation(new Error('UNIQUE constraint failed: a.b'))).toBeUndefined()
  })
})

it('an error tells the caller nothing of the server', () => {
  for (const kind of ['unique', 'reference', 'conflict', 'locked', 'lost', 'refused'] as const) {
    const error = toSecurityError(kind, fault({}, 'relation "hf_secret" of server 10.0.0.1'))
    expect(`${error.message} ${error.detail} ${error.title}`).not.toMatch(/hf_secret|10\.0/)
  }
})
