// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the strings hold source code
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fakeTerminal } from '../test/fake-terminal.ts'
import { commands } from './commands.ts'
import { run } from './run.ts'
import { findBuiltSql } from './sql-findings.ts'
import { syntaxReader } from './sql-syntax.ts'

/** Each holds exactly one place where what comes from outside can become code. */
const bad = [
  'db.query(`select * from users where id = ${id}`)',
  'await pool.query("SELECT * FROM users WHERE name = \'" + name + "\'")',
  'const q = `delete from t where a = ${a}`; db.run(q)',
  'const q = "update t set a = " + a\ndb.exec(q)',
  'let q = "select * from t where 1 = 1"; q += " and a = " + a',
  "let q = `select * from t`\nif (x) q += ` where a = '${x}'`",
  'db.query("select * from t order by " + req.query.sort)',
  'db.query(`select ${columns} from t`)',
  'db.prepare(`insert into ${table} (a) values (?)`).run(1)',
  'connection.execute("select * from t limit " + limit2)',
  'db.query({ text: `select * from t where a = ${a}`, values: [] })',
  'db.query("select * from t where a in (" + ids.join(",") + ")")',
  'db.query("select * from t where ".concat(where))',
  'db.query(["select * from t where a =", a].join(" "))',
  'db.query("select * from t where a = %1".replace("%1", a))',
  'db.query(util.format("select * from t where a = %s", a))',
  'sql.raw(name)',
  'sql`select * from ${sql.raw(`t_${name}`)}`',
  'knex.raw("a = " + b)',
  'knex("t").whereRaw(`a = ${b}`)',
  'prisma.$queryRawUnsafe(`select * from t where a = ${b}`)',
  'prisma.$executeRawUnsafe("delete from t where a = " + b)',
  'this.db.query(`select * from t where a = ${this.a}`)',
  'function f(id: string): string { return `select * from t where id = ${id}` }',
  'const f = (id) => "select * from t where id = " + id',
  'db.query(String.raw`select * from t where a = ${a}`)',
  'db.query(desc ? `select * from t where a = ${a}` : "select 1 from t")',
  'db.query(`create table ${name} (a int)`)',
  'db.query(`drop table if exists ${name}`)',
  'db.query((`select * from t where a = ${a}` as string).trim())',
  'db.query(`with x as (select * from t where a = ${a}) select * from x`)',
  'db.query("call p(" + a + ")")',
  'db?.query(`select * from t where a = ${a}`)',
  'class A { #q(a) { return this.pool.query(`select * from t where a = ${a}`) } }',
  'const parts = ["a = 1"]; parts.push(`b = ${b}`); db.query("select * from t where " + parts.join(" and "))',
  'for (const t of tables) db.exec(`truncate ${t}`)',
  'const { a } = req.body; db.query(`select * from t where a = ${a}`)',
  'sequelize.query(`SELECT * FROM t WHERE a = ${a}`, { type: 1 })',
  'const s: string = <string>`select * from t where a = ${a}`',
  "db.query(`select * from t where a = '${escape(a)}'`)",
  'db.query(req.query.sql)',
  'db.execute(req.body.statement)',
  'db.exec(req.query.sql)',
  'db.prepare(request.body["sql"] as string).all()',
  'const asked = req.body.sql; this.db.query(asked)',
  'pool.query({ text: req.body.sql, values: [] })',
  'db.query(String(ctx.request.query.sql).trim())',
] as const

/** What is safe, or no SQL at all. */
const good = [
  'db.query("select * from users where id = $1", [id])',
  'db.query(`select * from users where id = $1`, [id])',
  'db.query("select * from t " + "where a = ?", [a])',
  'sql`select * from t where id = ${id}`',
  'db.query(sql`select * from t where id = ${id}`)',
  'Prisma.sql`select * from t where id = ${id}`',
  'const TABLE = "t"; db.query(`select * from ${TABLE} where a = ?`, [a])',
  'import { TABLE } from "./tables.js"; db.query(`select * from ${TABLE}`)',
  'const dir = desc ? "desc" : "asc"; db.query(`select * from t order by a ${dir}`)',
  'const columns = { name: "name", age: "age" }; db.query(`select * from t order by ${columns[sort]}`)',
  'db.query(`select * from t where a in (${ids.map(() => "?").join(", ")})`, ids)',
  'db.query(`select * from t where a in (${Array(n).fill("?").join(",")})`, ids)',
  'db.query(`select * from t where a in (${"?,".repeat(3)}?)`, ids)',
  'db.query(`select * from t where a in (${ids.map((_, i) => `$${i + 1}`).join(", ")})`, ids)',
  'values.push(a); db.query(`select * from t where a = $${values.length}`, values)',
  'const parts = ["a = ?"]; if (b) parts.push("b = ?"); db.query("select * from t where " + parts.join(" and "), v)',
  'db.query(`select * from t limit ${Number(limit)}`)',
  'db.query("select * from t limit " + parseInt(limit, 10))',
  'db.query(`select * from ${client.escapeIdentifier(name)}`)',
  'let q = "select * from t"; if (x) q += " where a = ?"; db.query(q, [x])',
  'const q = "select * from t where a = ?"; db.prepare(q).all(a)',
  'throw new Error(`select ${x} from the list`)',
  'console.log(`select * from ${table}: ${n} rows`)',
  'const message = `Select ${count} from the list`',
  'const message = `Update ${name} and set it`',
  'const path = `/users/${id}`',
  'fetch(`https://x.org/select?from=${from}`)',
  'list.all(`${a}`)',
  'cache.get(`user:${id}`)',
  'app.get(`/orders/${version}`, handler)',
  'express.raw(options)',
  'String.raw`a${b}`',
  'router.all("/x" + path, handler)',
  'exec(`ls ${folder}`)',
  'const text = "drop-shipping " + name',
  'for (const t of ["a", "b"]) db.exec(`truncate table ${t}`)',
  'db.query(`select * from t where a = ${-1}`)',
  'const year = 2026 as const; db.query(`select * from t where y = ${year}`)',
  'db.query(q)',
  'client.get(req.params.key)',
  '/a+/.exec(req.query.text)',
  'db.query("select * from t where a = ?", [req.query.a])',
  'const x = <div title={`select ${a} of them`}>{b}</div>',
  'document.querySelector(`select[name=${name}] option`)',
] as const

let cwd = ''
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'holdfast-'))
})
afterEach(() => rmSync(cwd, { recursive: true, force: true }))

const read = await syntaxReader()

function found(code: string) {
  const file = code.includes('<div')
    ? 'x.tsx'
    : code.startsWith('const s: string')
      ? 'x.ts'
      : 'x.ts'
  const syntax = read(code, file)
  if (!syntax) throw new Error(`cannot be read: ${code}`)
  return findBuiltSql(syntax)
}

async function check(files: Readonly<Record<string, string>>, args: readonly string[] = []) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(cwd, name, '..'), { recursive: true })
    writeFileSync(join(cwd, name), text)
  }
  const terminal = fakeTerminal({ cwd })
  const code = await run(['check', 'sql', ...args], terminal, commands)
  return { code, out: terminal.outputs.join('\n'), err: terminal.errors.join('\n') }
}

describe('holdfast check sql', () => {
  it.each(bad)('finds the one place in %s', (code) => {
    expect(found(code)).toHaveLength(1)
  })

  it.each(good)('finds nothing in %s', (code) => {
    expect(found(code)).toEqual([])
  })

  it('is judged on more than sixty snippets', () => {
    expect(bad.length + good.length).toBeGreaterThan(60)
  })

  it('names file, line and column, and leaves with 1', async () => {
    const code =
      'const id = 1\nfunction f(x) {\n  return db.query(`select * from t where a = ${x}`)\n}\n'
    const result = await check({ 'src/a.ts': code, 'src/b.js': 'export const a = 1\n' })
    expect(result.code).toBe(1)
    expect(result.out).toMatch(/^src\/a\.ts:3:19 {2}A statement/)
    expect(result.out).toContain('1 place in 2 files')
    const { out } = await check({}, ['--json'])
    expect(JSON.parse(out)).toMatchObject({
      files: 2,
      findings: [{ file: 'src/a.ts', line: 3, column: 19 }],
    })
  })

  it('leaves with 0 where nothing is found, and leaves out what is installed or built', async () => {
    const evil = 'db.query(`select * from t where a = ${x}`)'
    const result = await check({
      'node_modules/x/a.js': evil,
      'dist/a.js': evil,
      'a.d.ts': '',
      'b.ts': '',
    })
    expect(result).toMatchObject({ code: 0, out: 'No SQL is put together from text in 1 file.' })
  })

  it('passes over what a comment gives a reason for, and nothing else', async () => {
    const line = 'db.query(`select * from ${x}`)'
    const reason = '// holdfast-ignore-sql: x comes from the catalogue of the database'
    expect((await check({ 'a.ts': `${reason}\n${line}\n` })).code).toBe(0)
    expect((await check({ 'a.ts': `${line} ${reason}\n` })).code).toBe(0)
    expect((await check({ 'a.ts': `${reason}\n\n\n${line}\n` })).code).toBe(1)
    const without = await check({ 'a.ts': `// holdfast-ignore-sql\n${line}\n` })
    expect([without.code, without.out.includes('without a reason')]).toEqual([1, true])
  })

  it('does not pass a file over that it cannot read, nor a path that is not there', async () => {
    const broken = await check({ 'a.ts': 'const = = (' })
    expect([broken.code, broken.out.includes('could not be read')]).toEqual([1, true])
    expect((await check({}, ['nowhere'])).code).toBe(1)
  })

  it('finds nothing in this package and its examples', { timeout: 120_000 }, async () => {
    const root = fileURLToPath(new URL('..', import.meta.url))
    const terminal = fakeTerminal({ cwd: root })
    const code = await run(['check', 'sql', 'src', 'cli', 'server', 'examples'], terminal, commands)
    expect(terminal.outputs).toEqual([expect.stringMatching(/^No SQL is put together/)])
    expect(code).toBe(0)
  })
})
