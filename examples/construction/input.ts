import type { Request } from 'express'
import { SecurityError } from 'holdfast'
import { type ZodType, z } from 'zod'

const text = (max: number) => z.string().trim().min(1).max(max)
const id = z.string().uuid()

/** What a request may say. What a caller may not set, such as `owner_id`, is an unknown field. */
export const newProject = z.strictObject({ name: text(100), site: text(200) })

export const projectChange = z.strictObject({
  name: text(100).exactOptional(),
  site: text(200).exactOptional(),
  /** Nothing goes back to `planned`, as what is planned may be removed with all it holds. */
  status: z.enum(['active', 'closed']).exactOptional(),
})

export const newMember = z.strictObject({ userId: id })

export const newTask = z.strictObject({ title: text(200), assigneeId: id.nullable().default(null) })

export const taskChange = z.strictObject({
  title: text(200).exactOptional(),
  status: z.enum(['open', 'done']).exactOptional(),
  assigneeId: id.nullable().exactOptional(),
})

/** The id that a parameter of the path holds; undefined for what no row can be named by. */
export function idOf(request: Request, parameter: string): string | undefined {
  return id.safeParse(request.params[parameter]).data
}

/** The body of a request as `schema` has it; throws `invalid_request`, 400, with each fault's place. */
export function bodyOf<T>(request: Request, schema: ZodType<T>): T {
  const read = schema.safeParse(request.body)
  if (read.success) return read.data
  const faults = read.error.issues.map(({ code, message, path }) => ({
    pointer: `/${path.map(String).join('/')}`,
    code,
    detail: message,
  }))
  const title = 'Invalid request'
  const detail = 'Some fields are not as this route expects. See "errors".'
  throw new SecurityError('invalid_request', { status: 400, title, detail }, { faults })
}
