import { type RequestHandler, Router } from 'express'
import { attributesOf, callerOf } from './caller.ts'
import type { PhotoRow, TaskRow } from './database.ts'
import { idOf } from './input.ts'
import { answer, type ConstructionParts } from './projects.ts'

/** `/tasks/:taskId/photos`: pictures of the work. Who may change a task adds them, who may read it sees them. */
export function photosOfTask(parts: ConstructionParts): Router {
  const { now, security, store } = parts
  const takePhotos = security.upload({
    ...{ field: 'photos', types: ['png', 'jpg'], maxBytes: '5mb', maxFiles: 5 },
  })
  const routes = Router({ mergeParams: true })
  routes.get('/', guarded(parts, 'read:tasks'), async (request, response) => {
    const photos = await store.photos((request.object as TaskRow).id)
    response.json({ photos: photos.map(shown) })
  })
  routes.post('/', guarded(parts, 'update:tasks'), takePhotos, async (request, response) => {
    const about = { task_id: (request.object as TaskRow).id, added_at: now() }
    const rows = (request.uploads ?? []).map(
      ({ displayName, fileName, mediaType, size }): PhotoRow => ({
        ...{ file_name: fileName, media_type: mediaType, display_name: displayName, size },
        ...{ added_by: callerOf(request).userId, ...about },
      }),
    )
    try {
      await store.addPhotos(rows)
    } catch (error) {
      // Nothing points to them: the task may be gone by now.
      for (const row of rows) await security.uploads.remove(row.file_name)
      throw error
    }
    response.status(201).json({ photos: rows.map(shown) })
  })
  routes.get('/:fileName', guarded(parts, 'read:tasks'), async (request, response) => {
    const { id } = request.object as TaskRow
    const row = await store.photo(id, String(request.params.fileName))
    const photo = row && shown(row)
    if (!photo || !(await security.uploads.send(response, photo))) answer(response, undefined)
  })
  return routes
}

function guarded({ security, store }: ConstructionParts, permission: string): RequestHandler {
  return security.guard(permission, {
    object: (request) => {
      const id = idOf(request, 'taskId')
      return id === undefined ? undefined : store.task(id)
    },
    attributes: (request) => attributesOf(store, callerOf(request)),
  })
}

function shown({ added_at: addedAt, added_by: addedBy, size, ...row }: PhotoRow) {
  const { display_name: displayName, file_name: fileName, media_type: mediaType } = row
  return { fileName, displayName, mediaType, size, addedBy, addedAt }
}
