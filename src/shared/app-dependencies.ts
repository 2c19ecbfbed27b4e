import { z } from 'zod'

type Dependencies = ReadonlyMap<string, readonly string[]>

/**
 * No app may wait for itself in the end. Runs over a file with other problems too; what has no name yet is passed over.
 * A name that no app has is none of the errors: the app may be added later.
 */
export function refuseCircularDependencies(config: { apps?: unknown }, context: z.RefinementCtx): void {
  const apps = (Array.isArray(config.apps) ? config.apps : []).map((entry) => partsSchema.safeParse(entry).data)
  const known = new Map(apps.flatMap((app) => (app === undefined ? [] : [[app.name, app.process?.dependsOn ?? []]])))
  apps.forEach((app, index) => {
    app?.process?.dependsOn?.forEach((name, place) => {
      const way = wayBetween(known, name, app.name)
      if (way === null) return
      const message = `closes a circle: ${[app.name, ...way].join(' waits for ')}`
      context.addIssue({ code: 'custom', path: ['apps', index, 'process', 'dependsOn', place], message })
    })
  })
}

/**
 * The apps on the way from one to another along what they depend on, both included.
 *
 * @returns null when there is no way
 */
export function wayBetween(dependencies: Dependencies, from: string, to: string): string[] | null {
  const seen = new Set<string>()
  const walk = (name: string): string[] | null => {
    if (name === to) return [name]
    if (seen.has(name)) return null
    seen.add(name)
    for (const next of dependencies.get(name) ?? []) {
      const rest = walk(next)
      if (rest !== null) return [name, ...rest]
    }
    return null
  }
  return walk(from)
}

const partsSchema = z.object({
  name: z.string(),
  process: z.object({ dependsOn: z.array(z.string()).optional() }).optional(),
})
