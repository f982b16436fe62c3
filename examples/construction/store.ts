import type { RowFilter } from 'holdfast'
import type { Kysely } from 'kysely'
import {
  type MemberRow,
  makeTables,
  type PhotoRow,
  type ProjectRow,
  type Tables,
  type TaskRow,
} from './database.ts'

/** At most so many rows in one answer. */
const mostRows = 200

/** As many as a list of the rules may hold. Whoever works on more keeps what came first. */
const mostProjects = 1_000

/** All SQL of the example. What somebody may see comes in as a filter and goes into the statement. */
export class ConstructionStore {
  readonly #db: Kysely<Tables>

  constructor(db: Kysely<Tables>) {
    this.#db = db
  }

  /** Makes the tables that are not there yet. */
  ready(): Promise<void> {
    return makeTables(this.#db)
  }

  /**
   * The projects that somebody works on, for the attribute `projects`. Anybody with a project can put
   * people on it unasked, so what others add later never hides what was there before.
   */
  async projectsOf(userId: string): Promise<readonly string[]> {
    const rows = await this.#db
      .selectFrom('project_members')
      .select('project_id')
      .where('user_id', '=', userId)
      .orderBy('added_at')
      .orderBy('project_id')
      .limit(mostProjects)
      .execute()
    return rows.map((row) => row.project_id)
  }

  projects(visible: RowFilter): Promise<ProjectRow[]> {
    return this.#db
      .selectFrom('projects')
      .selectAll()
      .where(visible.kysely())
      .orderBy('created_at')
      .orderBy('id')
      .limit(mostRows)
      .execute()
  }

  project(id: string): Promise<ProjectRow | undefined> {
    return this.#db.selectFrom('projects').selectAll().where('id', '=', id).executeTakeFirst()
  }

  /** Whoever makes a project owns it and works on it. */
  addProject(row: ProjectRow): Promise<void> {
    return this.#db.transaction().execute(async (trx) => {
      await trx.insertInto('projects').values(row).execute()
      const member = { project_id: row.id, user_id: row.owner_id, added_at: row.created_at }
      await trx.insertInto('project_members').values(member).execute()
    })
  }

  /** The project after the change; undefined when it is gone, or is none of `mine` any more. */
  async changeProject(
    id: string,
    change: Partial<Pick<ProjectRow, 'name' | 'site' | 'status'>>,
    mine: RowFilter,
  ): Promise<ProjectRow | undefined> {
    if (Object.keys(change).length === 0) return this.project(id)
    const { numUpdatedRows } = await this.#db
      .updateTable('projects')
      .set(change)
      .where('id', '=', id)
      .where(mine.kysely())
      .executeTakeFirst()
    return numUpdatedRows === 1n ? this.project(id) : undefined
  }

  /** Whether it was there and one of `mine`. */
  async removeProject(id: string, mine: RowFilter): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('projects')
      .where('id', '=', id)
      .where(mine.kysely())
      .executeTakeFirst()
    return numDeletedRows === 1n
  }

  /** Whether the project was one of `mine`; who works on it already stays. */
  async addMember(member: MemberRow, mine: Pick<RowFilter, 'kysely'>): Promise<boolean> {
    await this.#db
      .insertInto('project_members')
      .columns(['project_id', 'user_id', 'added_at'])
      .expression((eb) =>
        eb
          .selectFrom('projects')
          .select([
            'id',
            eb.cast<string>(eb.val(member.user_id), 'varchar(36)').as('user_id'),
            eb.cast<number>(eb.val(member.added_at), 'bigint').as('added_at'),
          ])
          .where('id', '=', member.project_id)
          .where(mine.kysely()),
      )
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    return this.#isOneOf(mine, member.project_id)
  }

  /**
   * Takes somebody off a project; the project and their tasks stay. Answers whether the project was one
   * of `mine`.
   */
  async removeMember(
    { project_id, user_id }: Omit<MemberRow, 'added_at'>,
    mine: Pick<RowFilter, 'kysely'>,
  ): Promise<boolean> {
    await this.#db
      .deleteFrom('project_members')
      .where('user_id', '=', user_id)
      .where('project_id', 'in', (eb) =>
        eb.selectFrom('projects').select('id').where('id', '=', project_id).where(mine.kysely()),
      )
      .execute()
    return this.#isOneOf(mine, project_id)
  }

  /** For the answer alone: what was written has asked for itself. */
  async #isOneOf(mine: Pick<RowFilter, 'kysely'>, id: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('projects')
      .select('id')
      .where('id', '=', id)
      .where(mine.kysely())
      .executeTakeFirst()
    return row !== undefined
  }

  tasks(projectId: string, visible: RowFilter): Promise<TaskRow[]> {
    return this.#db
      .selectFrom('tasks')
      .selectAll()
      .where('project_id', '=', projectId)
      .where(visible.kysely())
      .orderBy('created_at')
      .orderBy('id')
      .limit(mostRows)
      .execute()
  }

  photos(taskId: string): Promise<PhotoRow[]> {
    return this.#db
      .selectFrom('photos')
      .selectAll()
      .where('task_id', '=', taskId)
      .orderBy('file_name')
      .limit(mostRows)
      .execute()
  }

  photo(taskId: string, fileName: string): Promise<PhotoRow | undefined> {
    return this.#db
      .selectFrom('photos')
      .selectAll()
      .where('task_id', '=', taskId)
      .where('file_name', '=', fileName)
      .executeTakeFirst()
  }

  async addPhotos(rows: readonly PhotoRow[]): Promise<void> {
    if (rows.length > 0) await this.#db.insertInto('photos').values(rows).execute()
  }

  task(id: string): Promise<TaskRow | undefined> {
    return this.#db.selectFrom('tasks').selectAll().where('id', '=', id).executeTakeFirst()
  }

  async addTask(row: TaskRow): Promise<void> {
    await this.#db.insertInto('tasks').values(row).execute()
  }

  /** The task after the change; undefined when it is gone, or is none of `mine` any more. */
  async changeTask(
    id: string,
    change: Partial<Pick<TaskRow, 'title' | 'status' | 'assignee_id'>>,
    mine: RowFilter,
  ): Promise<TaskRow | undefined> {
    if (Object.keys(change).length === 0) return this.task(id)
    const { numUpdatedRows } = await this.#db
      .updateTable('tasks')
      .set(change)
      .where('id', '=', id)
      .where(mine.kysely())
      .executeTakeFirst()
    return numUpdatedRows === 1n ? this.task(id) : undefined
  }

  close(): Promise<void> {
    return this.#db.destroy()
  }
}
