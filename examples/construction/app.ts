import express, { type Express, Router } from 'express'
import { connectTables } from './database.ts'
import { constructionSecurity } from './holdfast.ts'
import { homePage } from './home.ts'
import { photosOfTask } from './photos.ts'
import { type ConstructionParts, projectRoutes } from './projects.ts'
import { readSettings, type Settings } from './settings.ts'
import { ConstructionStore } from './store.ts'
import { taskRoutes, tasksOfProject } from './tasks.ts'

/** The app with all its parts, not listening. `holdfast routes --app` reads its routes from here. */
export function createApp(settings: Settings = readSettings(process.env)) {
  const security = constructionSecurity(settings)
  const store = new ConstructionStore(connectTables(settings))
  return { app: createConstructionApp({ security, store, now: Date.now }), security, store }
}

/**
 * The whole app. `/api` is for people: an API key is refused there. `/api/v2` is the same for keys,
 * managers and users; a key does no more than its scopes and no more than its owner.
 */
export function createConstructionApp(parts: ConstructionParts): Express {
  const { security } = parts
  const app = security.protect(express())
  app.get('/', security.open(), (request, response) => {
    response.send(homePage(request.auth))
  })
  app.use('/api/v2', api(parts))
  app.use('/api', security.authenticate, api(parts))
  app.use(security.errorHandler())
  return app
}

function api(parts: ConstructionParts): Router {
  const routes = Router()
  routes.use('/projects/:projectId/tasks', tasksOfProject(parts))
  routes.use('/projects', projectRoutes(parts))
  routes.use('/tasks/:taskId/photos', photosOfTask(parts))
  routes.use('/tasks', taskRoutes(parts))
  return routes
}
