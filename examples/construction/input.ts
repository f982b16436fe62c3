import type { Request } from 'express'
import { z } from 'zod'

const text = (max: number) => z.string().trim().min(1).max(max)
const id = z.string().uuid()
const isChange = (change: object) => Object.keys(change).length > 0
const noChange = 'Say at least one thing that is to change.'

/** What a request may say. What a caller may not set, such as `owner_id`, is an unknown field. */
export const newProject = z.object({ name: text(100), site: text(200) })

export const projectChange = z
  .object({
    name: text(100).exactOptional(),
    site: text(200).exactOptional(),
    /** Nothing goes back to `planned`, as what is planned may be removed with all it holds. */
    status: z.enum(['active', 'closed']).exactOptional(),
  })
  .refine(isChange, noChange)

export const newMember = z.object({ userId: id })

export const newTask = z.object({ title: text(200), assigneeId: id.nullable().default(null) })

export const taskChange = z
  .object({
    title: text(200).exactOptional(),
    status: z.enum(['open', 'done']).exactOptional(),
    assigneeId: id.nullable().exactOptional(),
  })
  .refine(isChange, noChange)

/** The id that a parameter of the path holds; undefined for what no row can be named by. */
export function idOf(request: Request, parameter: string): string | undefined {
  return id.safeParse(request.params[parameter]).data
}
