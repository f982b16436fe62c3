import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { boundary, form, jpeg, pdf, png } from '../../test/uploads/samples.ts'
import { type Cast, openCast } from './testdata/cast.ts'
import { type Credential, describeExample, openSite, type Site } from './testdata/site.ts'

describeExample('photos of a task', (engine) => {
  let site: Site
  let cast: Cast
  beforeAll(async () => {
    site = await openSite(engine)
    cast = await openCast(site)
  })
  afterAll(() => site?.close())

  const send = (taskId: string, by: Credential, ...files: readonly Buffer[]) => {
    const parts = files.map((data) => ({ name: 'photos', filename: 'Wall 1.exe', data }))
    return fetch(`${site.base}/api/tasks/${taskId}/photos`, {
      method: 'POST',
      headers: { ...by, 'content-type': `multipart/form-data; boundary=${boundary}` },
      body: new Uint8Array(form(parts)),
    })
  }

  it('are added, listed and given out to whoever works on the project', async () => {
    const { task } = await cast.scene()
    const added = await send(task.id, cast.by('manager'), png(), jpeg())
    const { photos } = (await added.json()) as { photos: { fileName: string }[] }
    expect([added.status, photos.length]).toEqual([201, 2])
    const path = `/api/tasks/${task.id}/photos`
    expect((await site.call('GET', path, cast.by('manager'))).json.photos).toHaveLength(2)
    const one = await site.call('GET', `${path}/${photos[0]?.fileName}`, cast.by('manager'))
    expect(one.headers.get('content-disposition')).toContain('filename="Wall 1.exe.png"')
    const other = await cast.scene()
    const elsewhere = `/api/tasks/${other.task.id}/photos/${photos[0]?.fileName}`
    expect((await site.call('GET', elsewhere, cast.by('manager'))).status).toBe(404)
  })

  it('of another type are refused, and nobody outside sends any', async () => {
    const { task } = await cast.scene()
    const before = await readdir(site.security.config.uploads.directory)
    expect((await send(task.id, cast.by('manager'), pdf())).status).toBe(415)
    expect((await send(task.id, {}, png())).status).toBe(401)
    expect(await readdir(site.security.config.uploads.directory)).toEqual(before)
  })
})
