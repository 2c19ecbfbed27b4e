import type { App, Config } from '../../../shared/config.js'
import { Fault } from '../../../shared/fault.js'
import type { DiscoveredPort } from '../../../shared/window-schemas.js'
import { appAtPort } from './app-at-port.js'
import type { PortScanner } from './port-scanner.js'
import { type Project, readProject } from './project.js'
import { proposeName, takenNames } from './propose-name.js'
import { recogniseFramework } from './recognise-framework.js'
import { type Candidate, type Own, selectListeners } from './select-listeners.js'

export interface PortDiscoveryOptions {
  /** null on a machine of which nothing is known: nothing is found then */
  scanner: PortScanner | null
  /** as it is now */
  config(): Pick<Config, 'apps' | 'panel'>
  own(): Own
}

/** Finds the ports of this machine on which apps may listen. */
export class PortDiscovery {
  readonly #options: PortDiscoveryOptions
  /** by process and folder, for as long as the process listens: its manifests are read once */
  #projects = new Map<string, Promise<Project>>()

  constructor(options: PortDiscoveryOptions) {
    this.#options = options
  }

  /** The ports as they are now. @throws Fault `not-supported` when the system does not tell */
  async list(): Promise<DiscoveredPort[]> {
    const { scanner, config, own } = this.#options
    if (scanner === null) return []
    const candidates = selectListeners(await scanner.scan().catch(refuse), own())
    const projects = await this.#projectsOf(candidates)
    const current = config()
    const taken = takenNames(current)
    return candidates.map((candidate, index) => {
      const found = describe(candidate, projects[index] ?? null, current.apps, taken)
      if (found.app === null) taken.add(found.proposedName)
      return found
    })
  }

  async #projectsOf(candidates: readonly Candidate[]): Promise<(Project | null)[]> {
    const before = this.#projects
    const now = new Map<string, Promise<Project>>()
    const projects = candidates.map(({ process }) => {
      if (process === null || process.folder === null) return null
      const key = `${process.pid} ${process.folder}`
      const project = before.get(key) ?? readProject(process.folder)
      now.set(key, project)
      return project
    })
    this.#projects = now
    return Promise.all(projects)
  }
}

function describe(
  { port, addresses, process }: Candidate,
  project: Project | null,
  apps: readonly App[],
  taken: ReadonlySet<string>,
): DiscoveredPort {
  const command = process?.command ?? null
  const { packageName = null, folderName = null, folders = [] } = project ?? {}
  return {
    port,
    addresses,
    pid: process?.pid ?? null,
    command,
    folder: process?.folder ?? null,
    framework: recogniseFramework(command, process?.commandLine ?? null, folders),
    proposedName: proposeName({ packageName, folderName, command, port }, taken),
    app: appAtPort(apps, port),
  }
}

function refuse(cause: unknown): never {
  throw new Fault(
    'not-supported',
    'The listening ports of this machine cannot be found out.',
    'Add the app by its port: portico app add shop --port 3000',
    { cause },
  )
}
