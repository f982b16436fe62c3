import { randomUUID } from 'node:crypto'
import { type Request, Router } from 'express'
import { SecurityError } from 'holdfast'
import { attributesOf, callerOf } from './caller.ts'
import type { TaskRow } from './database.ts'
import { idOf, newTask, taskChange } from './input.ts'
import { answer, type ConstructionParts, projectGuards, projectOf, reachOf } from './projects.ts'

/** `/projects/:projectId/tasks`: what is to be done, and adding to it. */
export function tasksOfProject(parts: ConstructionParts): Router {
  const { now, security, store } = parts
  const mayRead = security.guard('read:projects', projectGuards(parts).one)
  const routes = Router({ mergeParams: true })
  routes.get('/', mayRead, async (request, response) => {
    const auth = callerOf(request)
    const attributes = await attributesOf(store, auth)
    const visible = auth.rows('read:tasks', 'tasks', { attributes })
    const tasks = await store.tasks(projectOf(request).id, visible)
    response.json({ tasks: tasks.map(shown) })
  })
  const made = security.validate({ body: newTask })
  routes.post('/', mayRead, made, async (request, response) => {
    const { assigneeId, title } = made.of(request).body
    const task: TaskRow = {
      ...{ id: randomUUID(), project_id: projectOf(request).id, title, status: 'open' },
      ...{ assignee_id: assigneeId, created_by: callerOf(request).userId, created_at: now() },
    }
    await demand(parts, request, { permission: 'create:tasks', task })
    await store.addTask(task)
    response.status(201).json(shown(task))
  })
  return routes
}

/** `/tasks/:taskId`: changing one. Its assignee may finish it, a manager of the project anything. */
export function taskRoutes(parts: ConstructionParts): Router {
  const { security, store } = parts
  const mayChange = security.guard('update:tasks', {
    object: (request) => {
      const id = idOf(request, 'taskId')
      return id === undefined ? undefined : store.task(id)
    },
    attributes: (request) => attributesOf(store, callerOf(request)),
  })
  const change = security.validate({ body: taskChange })
  const routes = Router()
  routes.patch('/:taskId', mayChange, change, async (request, response) => {
    const task = request.object as TaskRow
    const { assigneeId, ...rest } = change.of(request).body
    const next = { ...rest, ...(assigneeId === undefined ? {} : { assignee_id: assigneeId }) }
    // What it becomes has to be theirs as well, or a task could be handed to somebody else.
    await demand(parts, request, { permission: 'update:tasks', task: { ...task, ...next } })
    const mine = await reachOf(parts, request, 'update:tasks')
    const changed = await store.changeTask(task.id, next, mine)
    answer(response, changed && shown(changed))
  })
  return routes
}

interface Demand {
  readonly permission: string
  readonly task: TaskRow
}

/** Throws 403 unless the caller may do this to the task as it will be. */
async function demand(
  { store }: Pick<ConstructionParts, 'store'>,
  request: Request,
  { permission, task }: Demand,
): Promise<void> {
  const auth = callerOf(request)
  const attributes = await attributesOf(store, auth)
  if (auth.can(permission, task, { attributes })) return
  const detail = 'This task is not yours to make or change.'
  throw new SecurityError('forbidden', { status: 403, title: 'Forbidden', detail })
}

function shown(task: TaskRow) {
  const { assignee_id: assigneeId, created_at: createdAt, project_id: projectId } = task
  const { created_by: createdBy, id, status, title } = task
  return { id, projectId, title, status, assigneeId, createdBy, createdAt }
}
